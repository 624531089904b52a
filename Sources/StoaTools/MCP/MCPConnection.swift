internal import Glibc
internal import OrderedCollections
internal import StoaCore

/// A running server.
///
/// Isolation: an actor; any number of requests may be under way.
actor MCPConnection {
    /// Why a request has no answer.
    enum Failure: Error, Hashable {
        /// The server ended, or reads nothing any more.
        case ended(String)
        /// It refused.
        case refused(String)
    }

    private typealias Answer = CheckedContinuation<Result<JSONValue, Failure>, Never>

    nonisolated let server: MCPServer
    nonisolated let secrets: Secrets
    private let clock: any TimeSource
    private let lines: BoundedChannel<[UInt8]>.Producer
    /// Owned by this actor: `close` awaits it.
    private var runner: Task<Void, Never>?
    private var waiting: [Int: Answer] = [:]
    private var nextRequest = 0
    /// Why it takes no more requests; nil while it does.
    private(set) var end: Failure?
    private var known: [JSONValue] = []

    /// How long a server has to end by itself once its input has ended, and once it is told to.
    private static let grace: Duration = .seconds(1)
    private static let startLimit: Duration = .seconds(30)
    private static let maximumPages = 100

    private init(server: MCPServer, secrets: Secrets, lines: BoundedChannel<[UInt8]>.Producer, clock: any TimeSource) {
        self.server = server
        self.secrets = secrets
        self.lines = lines
        self.clock = clock
    }

    // MARK: Life

    /// Starts a server, agrees on a version, and asks for its tools.
    ///
    /// - Parameters:
    ///   - server: the server.
    ///   - variable: reads a variable of the environment.
    ///   - clock: what time limits are measured with.
    /// - Returns: the connection, to be closed by the caller.
    /// - Throws: `ToolError` where it does not come to speak; `CancellationError`.
    static func open(
        _ server: MCPServer, variable: (String) -> String?, clock: any TimeSource
    ) async throws -> MCPConnection {
        // A server that dies while it is written to is told by its end, not by a signal to this process.
        signal(SIGPIPE, SIG_IGN)
        let (environment, secrets) = server.environment(variable)
        let (producer, lines) = BoundedChannel<[UInt8]>.make(capacity: 64)
        let connection = MCPConnection(server: server, secrets: secrets, lines: producer, clock: clock)
        await connection.run(
            MCPProcess(command: server.command, environment: environment, grace: grace, clock: clock), lines)
        do {
            try await connection.initialize()
        } catch {
            await connection.close()
            if error is CancellationError { throw error }
            throw ToolError.unreachable(server.name, secrets.removed(from: reason(error)))
        }
        return connection
    }

    private func run(_ process: MCPProcess, _ lines: BoundedChannel<[UInt8]>.Elements) {
        // Owned by `runner`, which `close` awaits.
        runner = Task {
            let reason = await process.run(lines) { await self.receive($0) }
            self.finish(.ended(reason))
        }
    }

    private func finish(_ failure: Failure) {
        if end == nil { end = failure }
        lines.finish()
        for answer in waiting.values { answer.resume(returning: .failure(failure)) }
        waiting = [:]
    }

    /// Ends the server and waits until it and everything that it started is gone.
    func close() async {
        if end == nil { end = .ended("it was closed") }
        lines.finish()
        guard let runner else { return }
        let hasEnded: Void? = try? await clock.withTimeout(Self.grace, of: server.name) {
            await withTaskCancellationHandler {
                await runner.value
            } onCancel: {
                runner.cancel()
            }
        }
        if hasEnded == nil { runner.cancel() }
        await runner.value
    }

    // MARK: Requests

    private func initialize() async throws {
        let answer = try await request(
            "initialize",
            [
                "protocolVersion": .string(MCPMessage.versions[0]), "capabilities": .emptyObject,
                "clientInfo": ["name": "stoa", "version": "1"],
            ], within: Self.startLimit)
        let version = answer["protocolVersion"]?.stringValue ?? "none"
        guard MCPMessage.versions.contains(version) else {
            let versions = MCPMessage.versions.joined(separator: ", ")
            throw Failure.refused("it speaks version \(version) of the protocol: expected one of \(versions)")
        }
        _ = await lines.send(MCPMessage.notification("notifications/initialized"))
        var parameters = JSONValue.emptyObject
        for _ in 0..<Self.maximumPages {
            let page = try await request("tools/list", parameters, within: Self.startLimit)
            known += page["tools"]?.arrayValue ?? []
            guard let cursor = page["nextCursor"]?.stringValue, !cursor.isEmpty else { return }
            parameters = ["cursor": .string(cursor)]
        }
        throw Failure.refused("its list of tools has no end")
    }

    /// The tools that the server offers.
    var tools: [ToolDefinition] {
        known.compactMap { document in
            guard let name = document["name"]?.stringValue else { return nil }
            return ToolDefinition(
                name: name, description: document["description"]?.stringValue ?? "",
                parameters: document["inputSchema"] ?? .emptyObject, returns: document["outputSchema"],
                isIdempotent: document["annotations"]?["idempotentHint"]?.boolValue ?? false)
        }
    }

    /// Asks the server something.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - parameters: its parameters.
    ///   - limit: how long the answer may take.
    /// - Returns: the result.
    /// - Throws: `Failure`, `TimedOut`, `CancellationError`; the server is told of the last two.
    func request(_ method: String, _ parameters: JSONValue, within limit: Duration) async throws -> JSONValue {
        if let end { throw end }
        nextRequest += 1
        let id = nextRequest
        do {
            return try await clock.withTimeout(limit, of: "MCP server \(server.name): \(method)") {
                try await withTaskCancellationHandler {
                    try await self.answer(id, MCPMessage.request(id, method, parameters)).get()
                } onCancel: {
                    // Ends by itself: it does one short thing on the actor.
                    Task { await self.giveUp(id) }
                }
            }
        } catch {
            if error is TimedOut || Task.isCancelled {
                _ = lines.trySend(
                    MCPMessage.notification("notifications/cancelled", ["requestId": .integer(Int64(id))]))
            }
            try Task.checkCancellation()
            throw error
        }
    }

    private func answer(_ id: Int, _ line: [UInt8]) async -> Result<JSONValue, Failure> {
        // One that was given up before it was sent has nobody who would end its waiting.
        if Task.isCancelled { return .failure(.ended("it was given up")) }
        return await withCheckedContinuation { continuation in
            if let end { return continuation.resume(returning: .failure(end)) }
            // A server that has read nothing for so long that this is full has hung.
            guard lines.trySend(line) == .sent else {
                return continuation.resume(returning: .failure(.ended("it reads nothing")))
            }
            waiting[id] = continuation
        }
    }

    private func giveUp(_ id: Int) {
        waiting.removeValue(forKey: id)?.resume(returning: .failure(.ended("it was given up")))
    }

    private func receive(_ messages: [MCPMessage]) {
        for message in messages {
            switch message {
            case .answer(let id, let result):
                waiting.removeValue(forKey: id)?.resume(returning: .success(result))
            case .refusal(let id, let text):
                waiting.removeValue(forKey: id)?.resume(returning: .failure(.refused(text)))
            case .request(let id, let method): _ = lines.trySend(MCPMessage.answer(toRequest: id, method))
            case .notification: continue
            }
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case Failure.ended(let reason), Failure.refused(let reason): reason
        case let error as any StoaError: error.message
        default: "\(error)"
        }
    }
}

extension ToolError {
    static func unreachable(_ server: String, _ problem: String) -> ToolError {
        ToolError(
            code: .unreachableServer, kind: .unreachable, message: "MCP server \(server): \(problem)",
            hint: "check mcp_servers in stoa.yaml, and run its command by hand")
    }

    static func unknownServer(_ name: String, known: [String]) -> ToolError {
        ToolError(
            code: .unknownServer, kind: .badInput,
            message: "MCP server \(name): there is none of this name in the user's mcp_servers",
            hint: known.isEmpty ? "list it in stoa.yaml" : "there is \(known.joined(separator: ", "))")
    }
}

extension ToolError.Code {
    /// An MCP server that does not start or does not speak the protocol.
    public static let unreachableServer = ToolError.Code(description: "unreachable_server")
    /// An MCP server that the user's configuration does not have.
    public static let unknownServer = ToolError.Code(description: "unknown_server")
}
