import NIOCore
import NIOHTTP1
import NIOPosix
import StoaCore

/// A real HTTP server on a free port of the loopback interface, which answers as a test tells it to, piece by piece.
final class ScriptedServer: Sendable {
    /// What a client asked.
    struct Request: Sendable {
        let path: String
        let headers: HTTPHeaders
        let body: JSONValue
        /// How many requests came before.
        let repetition: Int
    }

    /// A step of an answer's body.
    enum Part: Sendable {
        /// Bytes in a chunk of their own.
        case bytes([UInt8])
        /// Waits until the test says `proceed`.
        case pause
        /// Closes the connection in the middle of the answer.
        case hangUp
        /// Sends no more and keeps the connection.
        case stall

        static func text(_ text: String) -> Part { .bytes(Array(text.utf8)) }
    }

    /// What the server answers.
    struct Reply: Sendable {
        var status = 200
        var headers = [("Content-Type", "text/event-stream")]
        var parts: [Part] = []
        /// Whether anything is sent at all before the parts.
        var hasHead = true

        static func events(_ parts: [Part]) -> Reply { Reply(parts: parts) }
        static func events(_ text: String) -> Reply { Reply(parts: [.text(text)]) }
        static func json(_ text: String, status: Int = 200, headers: [(String, String)] = []) -> Reply {
            Reply(status: status, headers: [("Content-Type", "application/json")] + headers, parts: [.text(text)])
        }
        static func status(_ status: Int, _ headers: [(String, String)] = []) -> Reply {
            Reply(status: status, headers: headers, parts: [])
        }
    }

    private struct State {
        var requests: [Request] = []
        var paused: [EventLoopPromise<Void>] = []
        /// Whether the next pause is over before it begins.
        var mayPass = false
        var inside = 0
        var mostInside = 0
    }

    /// The server's base address.
    let address: String
    /// Requests that have arrived.
    let arrivals = Tally()
    /// Connections that have ended.
    let departures = Tally()
    /// Answers that have come to a pause.
    let pauses = Tally()
    private let state = Guarded(State())
    private let answer: @Sendable (Request) -> Reply

    private init(address: String, answer: @escaping @Sendable (Request) -> Reply) {
        self.address = address
        self.answer = answer
    }

    /// Every request so far, in order.
    var requests: [Request] { state.withLock { $0.requests } }

    /// The most requests that were being answered at a time.
    var mostInside: Int { state.withLock { $0.mostInside } }

    /// Lets all answers that pause go on; where there are none, the next one that does.
    func proceed() {
        let paused = state.withLock { state in
            defer { state.paused = [] }
            state.mayPass = state.paused.isEmpty
            return state.paused
        }
        for promise in paused { promise.succeed() }
    }

    /// Runs `body` with a server; a deaf one accepts connections and reads nothing.
    static func run<Result>(
        isDeaf: Bool = false, _ answer: @escaping @Sendable (Request) -> Reply,
        _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let box = Guarded<ScriptedServer?>(nil)
        let children = ChannelCollector()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.autoRead, value: !isDeaf)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    children.add(channel)
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
                    if let server = box.withLock({ $0 }) {
                        try channel.pipeline.syncOperations.addHandler(Handler(server: server))
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(address: "http://127.0.0.1:\(channel.localAddress?.port ?? 0)", answer: answer)
        box.withLock { $0 = server }
        func close() async {
            server.proceed()
            try? await channel.close()
            await children.close()
        }
        do {
            let result = try await body(server)
            await close()
            return result
        } catch {
            await close()
            throw error
        }
    }

    fileprivate func reply(to head: HTTPRequestHead, _ bytes: [UInt8]) -> Reply {
        let body = (try? JSONParser.parse(bytes)) ?? .null
        let request = state.withLock { state in
            let request = Request(
                path: head.uri, headers: head.headers, body: body, repetition: state.requests.count)
            state.requests.append(request)
            state.inside += 1
            state.mostInside = max(state.mostInside, state.inside)
            return request
        }
        arrivals.add()
        return answer(request)
    }

    fileprivate func end() { state.withLock { $0.inside -= 1 } }

    fileprivate func pause(_ promise: EventLoopPromise<Void>) {
        let passes = state.withLock { state in
            if !state.mayPass { state.paused.append(promise) }
            defer { state.mayPass = false }
            return state.mayPass
        }
        if passes { promise.succeed() }
        pauses.add()
    }
}

/// The connections of a server, so that none outlives its test.
private final class ChannelCollector: Sendable {
    private let channels = Guarded<[any Channel]>([])

    func add(_ channel: any Channel) { channels.withLock { $0.append(channel) } }

    func close() async {
        for channel in channels.withLock({ $0 }) { try? await channel.close() }
    }
}

private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: ScriptedServer
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(server: ScriptedServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let buffer): body += buffer.readableBytesView
        case .end:
            guard let head else { return }
            let reply = server.reply(to: head, body)
            let answer = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status),
                headers: HTTPHeaders(reply.headers))
            if reply.hasHead { context.writeAndFlush(wrapOutboundOut(.head(answer)), promise: nil) }
            send(reply.parts[...], context)
        }
    }

    private func send(_ parts: ArraySlice<ScriptedServer.Part>, _ context: ChannelHandlerContext) {
        switch parts.first {
        case .bytes(let bytes)?:
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
            send(parts.dropFirst(), context)
        case .pause?:
            let promise = context.eventLoop.makePromise(of: Void.self)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            promise.futureResult.whenSuccess {
                let (handler, context) = bound.value
                handler.send(parts.dropFirst(), context)
            }
            server.pause(promise)
        case .hangUp?:
            server.end()
            context.close(promise: nil)
        case .stall?: break
        case nil:
            server.end()
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { server.departures.add() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
