internal import OrderedCollections
public import StoaCore

/// The MCP servers of the user's configuration, started when they are needed.
///
/// Isolation: an actor. A server that has ended is started again by the next call; calls that were under way when it ended are
/// `interrupted`.
public actor MCPServers {
    private let servers: [MCPServer]
    private let variable: @Sendable (String) -> String?
    private let clock: any TimeSource
    /// Owned by this actor: `close` awaits them.
    private var connections: [String: Task<MCPConnection, any Error>] = [:]
    private var isClosed = false

    /// Creates the collection; nothing is started yet.
    ///
    /// - Parameters:
    ///   - servers: the servers of the user's configuration.
    ///   - variable: reads a variable of the environment, when a server is started.
    ///   - clock: what time limits are measured with.
    public init(
        _ servers: [MCPServer], variable: @escaping @Sendable (String) -> String?,
        clock: any TimeSource = SystemTimeSource()
    ) {
        self.servers = servers
        self.variable = variable
        self.clock = clock
    }

    /// The tools that a server offers.
    ///
    /// - Parameter server: the server's name.
    /// - Returns: their definitions, as the server gives them.
    /// - Throws: `ToolError` for a server that there is not or that does not speak; `CancellationError`.
    public func tools(of server: String) async throws -> [ToolDefinition] {
        await (try connection(server)).tools
    }

    /// Calls a tool.
    ///
    /// - Parameters:
    ///   - tool: its name.
    ///   - server: the server's name.
    ///   - arguments: an object.
    ///   - limit: how long it may take.
    /// - Returns: what came of it.
    /// - Throws: as `tools(of:)`.
    public func call(
        _ tool: String, of server: String, arguments: JSONValue, within limit: Duration = .seconds(60)
    ) async throws -> ToolResult {
        let connection = try await connection(server)
        let secrets = connection.secrets
        do {
            let answer = try await connection.request(
                "tools/call", ["name": .string(tool), "arguments": arguments], within: limit)
            return Self.result(answer, secrets)
        } catch MCPConnection.Failure.refused(let reason) {
            return ToolResult(status: .failed, output: secrets.removed(from: reason))
        } catch MCPConnection.Failure.ended(let reason) {
            let text = secrets.removed(from: "MCP server \(server): \(reason)")
            return ToolResult(status: .interrupted, output: text)
        } catch let error as TimedOut {
            return ToolResult(status: .limit, output: error.message)
        }
    }

    /// Ends every server and waits until nothing of them is left.
    public func close() async {
        isClosed = true
        let all = connections.values
        connections = [:]
        await withTaskGroup { group in
            for opening in all { group.addTask { try? await opening.value.close() } }
        }
    }

    private func connection(_ name: String) async throws -> MCPConnection {
        guard let server = servers.first(where: { $0.name == name }) else {
            throw ToolError.unknownServer(name, known: servers.map(\.name))
        }
        while let opening = connections[name] {
            let connection = try await opening.value
            if await connection.end == nil { return connection }
            // Somebody else may have started another one meanwhile.
            if connections[name] == opening { connections[name] = nil }
            await connection.close()
        }
        guard !isClosed else { throw ToolError.closed }
        // Owned by `connections`. A caller that goes away leaves a server that others can use.
        let opening = Task { [variable, clock] in
            try await MCPConnection.open(server, variable: variable, clock: clock)
        }
        connections[name] = opening
        do {
            return try await opening.value
        } catch {
            if connections[name] == opening { connections[name] = nil }
            throw error
        }
    }

    /// The value is what the server gives as structured content, or its text; the rest of its content is named.
    private static func result(_ answer: JSONValue, _ secrets: Secrets) -> ToolResult {
        var texts: [String] = []
        for part in answer["content"]?.arrayValue ?? [] {
            switch part["type"]?.stringValue {
            case "text"?: texts.append(part["text"]?.stringValue ?? "")
            case let kind?:
                texts.append("[\(kind) \(part["mimeType"]?.stringValue ?? part["uri"]?.stringValue ?? "")]")
            case nil: continue
            }
        }
        let text = secrets.removed(from: texts.joined(separator: "\n"))
        if answer["isError"] == true {
            return ToolResult(status: .failed, output: text.isEmpty ? "the server gives no reason" : text)
        }
        if let structured = answer["structuredContent"], structured != .null {
            return ToolResult(status: .ok, value: secrets.removed(from: structured))
        }
        return ToolResult(status: .ok, value: text.isEmpty ? .null : .string(text))
    }
}
