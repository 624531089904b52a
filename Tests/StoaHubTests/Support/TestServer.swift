import NIOCore
import NIOHTTP1
import NIOPosix
import StoaHub
import Synchronization

/// A real HTTP server on a free port of the loopback interface, answering as a test tells it to.
final class TestServer: Sendable {
    /// What a client asked.
    struct Request: Sendable {
        let path: String
        let headers: HTTPHeaders
        /// How many requests for this path came before.
        let repetition: Int

        /// The first byte asked for, where a range was.
        var rangeStart: Int? {
            headers.first(name: "Range").flatMap { Int($0.dropFirst(6).dropLast()) }
        }
    }

    /// What the server answers.
    struct Reply: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// Closes the connection after so many bytes of the body, with the length of the whole body announced.
        var closesAfter: Int?
        /// Keeps the connection open after so many bytes and sends no more.
        var stallsAfter: Int?

        static func status(_ status: Int, _ headers: [(String, String)] = []) -> Reply {
            Reply(status: status, headers: headers)
        }

        static func file(_ body: [UInt8], tag: String? = nil, headers: [(String, String)] = []) -> Reply {
            Reply(headers: headers + (tag.map { [("ETag", $0)] } ?? []), body: body)
        }

        /// As a server that supports ranges answers: the rest of the file when the tag still fits, else all of it.
        static func ranged(_ body: [UInt8], tag: String, _ request: Request) -> Reply {
            guard let start = request.rangeStart, request.headers.first(name: "If-Range") == tag else {
                return .file(body, tag: tag)
            }
            return Reply(
                status: 206,
                headers: [("ETag", tag), ("Content-Range", "bytes \(start)-\(body.count - 1)/\(body.count)")],
                body: Array(body[start...]))
        }
    }

    private let answer: @Sendable (Request) -> Reply
    private let log = Mutex<[Request]>([])

    private init(answer: @escaping @Sendable (Request) -> Reply) { self.answer = answer }

    /// Every request so far, in order.
    var requests: [Request] { log.withLock { $0 } }

    /// Runs `body` with a server and its base address.
    static func run<Result>(
        _ answer: @escaping @Sendable (Request) -> Reply, _ body: (TestServer, String) async throws -> Result
    ) async throws -> Result {
        let server = TestServer(answer: answer)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 16)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
                    try channel.pipeline.syncOperations.addHandler(Handler(server: server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        do {
            let result = try await body(server, "http://127.0.0.1:\(port)")
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    fileprivate func reply(to head: HTTPRequestHead) -> Reply {
        let request = log.withLock { log in
            let repetition = log.count { $0.path == head.uri }
            let request = Request(path: head.uri, headers: head.headers, repetition: repetition)
            log.append(request)
            return request
        }
        return answer(request)
    }
}

private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: TestServer

    init(server: TestServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let request) = unwrapInboundIn(data) else { return }
        let reply = server.reply(to: request)
        var headers = HTTPHeaders(reply.headers)
        if !headers.contains(name: "Content-Length") {
            headers.add(name: "Content-Length", value: "\(reply.body.count)")
        }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
        let sent = reply.closesAfter ?? reply.stallsAfter ?? reply.body.count
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body[..<sent])))), promise: nil)
        if reply.closesAfter != nil {
            context.flush()
            context.close(promise: nil)
        } else if reply.stallsAfter != nil {
            context.flush()
        } else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
