internal import OrderedCollections
public import StoaCore

/// A server of tools that speaks the Model Context Protocol over its standard streams.
///
/// Servers come from the user's configuration only, `mcp_servers: {name: {command: [...], env: [...]}}`; a playbook names one.
public struct MCPServer: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// The program and its arguments.
    public var command: [String]
    /// Variables of the environment that it gets besides those that every program needs.
    public var variables: [String]

    /// Describes a server.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - command: the program and its arguments; not empty.
    ///   - variables: variables of the environment that it gets.
    public init(name: String, command: [String], variables: [String] = []) {
        self.name = name
        self.command = command
        self.variables = variables
    }

    /// Reads `mcp_servers`.
    ///
    /// - Parameter document: an object of `{command, env}` by name.
    /// - Returns: the servers, in the order in which they are written.
    /// - Throws: `ToolError` naming the member.
    public static func list(_ document: JSONValue) throws(ToolError) -> [MCPServer] {
        guard let members = document.objectValue else { throw invalid("", "expected an object") }
        var servers: [MCPServer] = []
        for (name, value) in members { servers.append(try server(name, value)) }
        return servers
    }

    private static func server(_ name: String, _ value: JSONValue) throws(ToolError) -> MCPServer {
        guard let members = value.objectValue else { throw invalid(".\(name)", "expected an object") }
        for member in members.keys where member != "command" && member != "env" {
            throw invalid(".\(name).\(member)", "expected command or env")
        }
        guard let command = strings(members["command"]), command.first?.isEmpty == false else {
            throw invalid(".\(name).command", "expected an array of strings, the program first")
        }
        guard let variables = strings(members["env"] ?? .array([])) else {
            throw invalid(".\(name).env", "expected an array of names")
        }
        return MCPServer(name: name, command: command, variables: variables)
    }

    private static func strings(_ value: JSONValue?) -> [String]? {
        guard let list = value?.arrayValue else { return nil }
        let texts = list.compactMap(\.stringValue)
        return texts.count == list.count ? texts : nil
    }

    private static func invalid(_ place: String, _ problem: String) -> ToolError {
        ToolError(code: .invalidTool, kind: .badInput, message: "mcp_servers\(place): \(problem)")
    }

    /// Variables that every program needs.
    private static let common = ["HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "TMPDIR", "USER"]

    /// What the server is started with, and which of it is nobody's business.
    func environment(_ variable: (String) -> String?) -> (variables: [String: String], secrets: Secrets) {
        var result: [String: String] = [:]
        var secrets = Secrets()
        for name in Self.common { result[name] = variable(name) }
        for name in variables {
            guard let value = variable(name) else { continue }
            result[name] = value
            if !Self.common.contains(name) { secrets.insert(value) }
        }
        return (result, secrets)
    }
}
