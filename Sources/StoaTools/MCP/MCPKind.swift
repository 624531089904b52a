internal import OrderedCollections
public import StoaCore

/// `mcp`: tools of a server that speaks the Model Context Protocol.
///
///     kind: mcp
///     options: {server: files, tool: read_file}
///
/// `server` is a name in the user's `mcp_servers`; without `tool`, the server's tool has the name of this one.
public enum MCPKind: ToolKind {
    /// A server's name, and its tool's.
    public static var outline: ToolKindOutline { ToolKindOutline(name: "mcp", options: schema) }

    private static let schema = try? JSONSchema([
        "type": "object", "required": ["server"], "additionalProperties": false,
        "properties": [
            "server": ["type": "string", "minLength": 1], "tool": ["type": "string", "minLength": 1],
        ],
    ])

    /// Makes a tool; its server is started by the first call.
    public static func make(_ specification: ToolSpecification, with resources: ToolResources) throws -> any Tool {
        guard let server = specification.options["server"]?.stringValue, !server.isEmpty else {
            throw ToolError.invalid(specification.name, "options.server: expected the name of an MCP server")
        }
        return Called(
            servers: resources.servers, server: server,
            tool: specification.options["tool"]?.stringValue ?? specification.name,
            limit: specification.limits.wall ?? .seconds(60))
    }

    private struct Called: Tool {
        let servers: MCPServers?
        let server: String
        let tool: String
        let limit: Duration

        func call(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolResult {
            guard let servers else { throw ToolError.unknownServer(server, known: []) }
            return try await servers.call(tool, of: server, arguments: arguments, within: limit)
        }
    }
}
