internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import OrderedCollections
public import StoaCore
public import StoaSandbox

/// The sandbox over HTTP, as SandboxFusion offers its own: `POST /run_code`.
///
/// Programs run in an interpreter of their own; a request with a `session_id` runs in one that keeps its variables.
///
/// Isolation: an actor. Requests beyond `Configuration.running` and `.waiting` are answered 503 at once, with Retry-After.
public actor SandboxServer {
    /// How much is done for whom.
    public struct Configuration: Sendable, Hashable {
        /// The address to listen on.
        public var host = "127.0.0.1"
        /// Its port; 0 picks a free one.
        public var port = 8080
        /// Programs at the same time.
        public var running = 4
        /// Requests that may wait besides them.
        public var waiting = 256
        /// Sessions at the same time.
        public var sessions = 16
        /// How long a session may stand unused.
        public var idle: Duration = .seconds(600)
        /// The longest time that a request may ask for.
        public var maximumRunTime: Duration = .seconds(300)
        /// The longest request.
        public var maximumBodyBytes = 16 << 20

        /// Creates the defaults.
        public init() {}

        /// Whether only this machine reaches the server.
        public var isLoopback: Bool { ServerAddress.isLoopback(host) }
    }

    private nonisolated let configuration: Configuration
    private nonisolated let policy: SandboxPolicy
    private nonisolated let programs: PythonSandbox
    private nonisolated let kept: PythonSandbox
    private nonisolated let sessions: SandboxSessions
    private var inProgress = 0

    /// Creates a server; nothing is started yet.
    ///
    /// - Parameters:
    ///   - policy: what every sandbox is like; its limits are the most that a request can have.
    ///   - tools: what the machine has.
    ///   - cache: the root of the cache, where package sets lie.
    ///   - configuration: how much is done for whom.
    ///   - clock: what waiting is measured with.
    /// - Throws: `SandboxError` where the policy's packages are missing, or its limits cannot be held.
    public init(
        policy: SandboxPolicy, tools: SandboxTools, cache: String, configuration: Configuration = .init(),
        clock: any TimeSource = SystemTimeSource()
    ) throws(SandboxError) {
        self.configuration = configuration
        self.policy = policy
        programs = try PythonSandbox(
            policy: policy, tools: tools, cache: cache,
            configuration: .init(
                ready: min(2, configuration.running), running: configuration.running, waiting: configuration.waiting),
            clock: clock)
        var lasting = policy
        lasting.idle = configuration.idle
        kept = try PythonSandbox(
            policy: lasting, tools: tools, cache: cache,
            configuration: .init(
                ready: 0, running: configuration.sessions, waiting: configuration.running, patience: .seconds(1)),
            clock: clock)
        sessions = SandboxSessions(sandbox: kept, capacity: configuration.sessions + 1000)
    }

    /// Answers requests until the task is cancelled; then ends what runs, and returns when nothing is left of it.
    ///
    /// - Parameter onListening: told once, with the address, as soon as requests can come.
    /// - Throws: `SandboxError` where there is no usable sandbox; `ServerError` where the address cannot be had.
    public func run(onListening: @escaping @Sendable (String) async -> Void) async throws {
        do {
            // Whoever has no sandbox should know it now, and not with the first request.
            try await programs.warm()
            let host = configuration.host
            let listener = HTTPListener(host: host, port: configuration.port)
            try await listener.serve { request in
                await self.answer(request).response
            } onListening: { port in
                await onListening(ServerAddress.url(host: host, port: port))
            }
        } catch {
            await close()
            throw error
        }
        await close()
    }

    private func close() async {
        await sessions.close()
        await kept.close()
        await programs.close()
    }

    // MARK: Requests

    private func answer(_ request: Request) async -> HTTPAnswer {
        let authority = request.head.authority
        let objection = ServerAddress.objection(
            authority: authority, origin: request.headers[.origin], isLoopback: configuration.isLoopback)
        if let objection { return .refusal(403, objection) }
        switch (request.uri.path, request.method) {
        case ("/run_code", .post): return await admitted(request)
        case ("/v1/ping", .get): return HTTPAnswer("pong")
        case ("/health", .get): return await health()
        case (let path, .delete) where path.hasPrefix("/sessions/"):
            let name = String(path.dropFirst("/sessions/".count))
            guard await sessions.end(name) else { return .refusal(404, "there is no session \(name)") }
            return HTTPAnswer(["closed": .string(name)])
        case ("/run_code", _): return Self.methodNotAllowed("POST")
        case ("/v1/ping", _), ("/health", _): return Self.methodNotAllowed("GET")
        default:
            return .refusal(404, "there is POST /run_code, GET /health, GET /v1/ping and DELETE /sessions/NAME")
        }
    }

    private static func methodNotAllowed(_ method: String) -> HTTPAnswer {
        HTTPAnswer(status: 405, ["detail": .string("expected \(method)")], allow: method)
    }

    private func health() async -> HTTPAnswer {
        HTTPAnswer([
            "status": "ok", "in_progress": .integer(Int64(inProgress)),
            "sessions": .integer(Int64(await sessions.count)),
            "running": .integer(Int64(configuration.running)), "waiting": .integer(Int64(configuration.waiting)),
        ])
    }

    /// Answers a request to run something, if there is room for it.
    private func admitted(_ request: Request) async -> HTTPAnswer {
        // Before the body is read: what is refused must cost nothing.
        guard inProgress < configuration.running + configuration.waiting else { return Self.busy }
        inProgress += 1
        defer { inProgress -= 1 }
        do {
            return try await perform(request.body)
        } catch let error as RunCodeRequest.Malformed {
            return .refusal(422, error.detail)
        } catch let error as SandboxError where error.kind == .badInput || error.kind == .usage {
            return .refusal(422, error.message)
        } catch let error as any StoaError {
            let text = [error.message, error.hint].compactMap(\.self).joined(separator: "; ")
            return HTTPAnswer(RunCodeAnswer.error(text))
        } catch {
            return .refusal(503, "the server is stopping", retryAfter: 5)
        }
    }

    private static let busy = HTTPAnswer.refusal(503, "too many requests at a time", retryAfter: 1)

    /// Reads and runs; a client that goes away takes its program with it.
    @concurrent private nonisolated func perform(_ body: RequestBody) async throws -> HTTPAnswer {
        try await body.consumeWithCancellationOnInboundClose { body in
            guard let bytes = try await read(body) else {
                return .refusal(413, "expected a body of at most \(configuration.maximumBodyBytes) bytes")
            }
            return try await run(try RunCodeRequest(bytes))
        }
    }

    private nonisolated func read(_ body: RequestBody) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        for try await piece in body {
            guard bytes.count + piece.readableBytes <= configuration.maximumBodyBytes else { return nil }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        return bytes
    }

    // MARK: Running

    private nonisolated func run(_ request: RunCodeRequest) async throws -> HTTPAnswer {
        guard request.language == "python" else {
            return HTTPAnswer(
                RunCodeAnswer.error(
                    "language \(request.language): expected python, the only one that this sandbox runs",
                    session: request.session))
        }
        let limits = request.limits(within: policy.limits, maximumRunTime: configuration.maximumRunTime)
        if let name = request.session { return try await run(request, in: name, limits) }
        let program = SandboxProgram(
            code: request.code, standardInput: request.standardInput, files: request.files, fetches: request.fetches)
        let result = try await programs.run(once: program, limits: limits)
        if result.status == .refused { return Self.busy }
        return HTTPAnswer(RunCodeAnswer.document(result, session: nil))
    }

    private nonisolated func run(
        _ request: RunCodeRequest, in name: String, _ limits: SandboxLimits
    ) async throws -> HTTPAnswer {
        guard let session = try await sessions.session(name, limits: limits) else {
            return .refusal(429, "too many sessions: end one with DELETE /sessions/NAME", retryAfter: 5)
        }
        var result: SandboxResult
        if let failure = try await session.put(request.files) {
            result = failure
        } else {
            result = try await session.run(request.code, limits: limits)
            if result.session.isAlive { result.files = try await session.fetch(request.fetches) }
        }
        if result.status == .sessionLost {
            await sessions.forget(name, session)
            return HTTPAnswer(
                RunCodeAnswer.error(
                    "session_lost: \(result.reason ?? "it has ended"); its variables are gone, and the next request begins anew",
                    session: name))
        }
        return HTTPAnswer(RunCodeAnswer.document(result, session: name))
    }
}
