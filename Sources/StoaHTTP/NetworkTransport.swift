internal import AsyncHTTPClient
internal import Dispatch
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import StoaCore
public import StoaTools

/// The network, for tools of kind `http`.
///
/// Every request has a connection of its own, to the very address that was judged: what the host's name leads to a moment later
/// changes nothing. Isolation: none.
public struct NetworkTransport: HTTPTransport {
    private static let connectTimeout: TimeAmount = .seconds(10)
    private let names = DispatchQueue(label: "stoa.names", attributes: .concurrent)

    /// Creates a transport; nothing is opened before the first request.
    public init() {}

    /// The addresses of a host, as the system finds them.
    public func addresses(of host: String) async throws -> [String] {
        let (producer, answers) = BoundedChannel<Result<[String], Failure>>.make(capacity: 1)
        // The system's call blocks, and does not end before it has an answer: whoever is cancelled does not wait for it.
        names.async {
            _ = producer.trySend(Self.resolve(host))
            producer.finish()
        }
        for try await answer in answers { return try answer.get() }
        throw CancellationError()
    }

    /// Sends a request and reads the answer.
    public func send(_ request: HTTPToolRequest, to address: String) async throws -> HTTPToolResponse {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: Self.connectTimeout), decompression: .disabled)
        configuration.dnsOverride = [request.host: address]
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let response = try await Self.exchange(request, client)
            try? await client.shutdown()
            return response
        } catch {
            try? await client.shutdown()
            try Task.checkCancellation()
            throw Failure(error)
        }
    }

    private static func exchange(_ request: HTTPToolRequest, _ client: HTTPClient) async throws -> HTTPToolResponse {
        let host = request.host.contains(":") ? "[\(request.host)]" : request.host
        var outgoing = HTTPClientRequest(url: "\(request.scheme)://\(host):\(request.port)\(request.target)")
        outgoing.method = HTTPMethod(rawValue: request.method)
        for (name, value) in request.headers { outgoing.headers.add(name: name, value: value) }
        outgoing.headers.add(name: "Accept-Encoding", value: "identity")
        if let body = request.body { outgoing.body = .bytes(ByteBuffer(bytes: body)) }
        let incoming = try await client.execute(outgoing, deadline: .distantFuture)
        var response = HTTPToolResponse(
            status: Int(incoming.status.code), contentType: incoming.headers.first(name: "Content-Type") ?? "",
            location: incoming.headers.first(name: "Location"))
        for try await piece in incoming.body {
            let room = request.maximumBytes - response.body.count
            response.body += piece.readableBytesView.prefix(room)
            // Leaving the body closes the connection.
            if piece.readableBytes > room {
                response.isCut = true
                break
            }
        }
        return response
    }

    private static func resolve(_ host: String) -> Result<[String], Failure> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return .failure(Failure(reason: String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var entry = list
        while let current = entry?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                current.ai_addr, current.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
            {
                let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                let address = String(decoding: bytes, as: UTF8.self)
                if !found.contains(address) { found.append(address) }
            }
            entry = current.ai_next
        }
        return .success(found)
    }
}

/// What went wrong on the way, in words that name no secret: a request's headers are never part of it.
private struct Failure: Error, CustomStringConvertible {
    let description: String

    init(reason: String) { description = reason }

    init(_ error: any Error) {
        switch error {
        case let error as HTTPClientError: description = error.shortDescription
        case let error as Failure: description = error.description
        default: description = "\(error)"
        }
    }
}
