internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// A failure that another attempt may cure.
struct TransientFailure: Error {
    let reason: String
    /// How long the server asked to wait.
    var pause: Duration?
    /// Whether bytes had arrived, so that attempts are counted anew.
    var madeProgress = false
}

/// Sends requests to a hub and follows its redirects.
///
/// Redirects are followed here rather than by the HTTP library, because the token must not follow them to another host.
struct HubClient: Sendable {
    /// What came back after redirects.
    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let body: HTTPClientResponse.Body
        /// What the hub said about the file before it redirected to where the bytes are.
        let linked: LinkedFile
    }

    /// The hub's own word on a file's identity.
    struct LinkedFile {
        var bytes: Int64?
        /// The SHA-256, in hexadecimal, of files that the hub keeps by content.
        var sha256: String?
    }

    private static let longestChain = 10
    private let http: HTTPClient
    private let endpoint: HubEndpoint

    private init(http: HTTPClient, endpoint: HubEndpoint) {
        self.http = http
        self.endpoint = endpoint
    }

    /// Runs `body` with a client whose connections are closed afterwards.
    static func with<Result>(
        _ endpoint: HubEndpoint, _ body: (HubClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .seconds(15), read: .seconds(60))
        configuration.httpVersion = .http1Only
        // Attempts are counted, and paused between, in one place: RetryPolicy.
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result
        do {
            result = try await body(HubClient(http: http, endpoint: endpoint))
        } catch {
            try? await http.shutdown()
            throw error
        }
        try? await http.shutdown()
        return result
    }

    /// Asks for a file.
    ///
    /// - Parameters:
    ///   - url: the address; messages name it rather than where redirects led, which may hold signatures.
    ///   - headers: besides those that every request has.
    /// - Returns: the answer of the last hop.
    /// - Throws: `TransientFailure` where the network failed; `HubError` for redirects that lead nowhere;
    ///   `CancellationError`.
    func get(_ url: String, headers: [(String, String)]) async throws -> Answer {
        guard var address = WebAddress(url) else { throw HubError.badResponse(url, "no HTTP address") }
        var linked = LinkedFile()
        for _ in 0..<Self.longestChain {
            var request = HTTPClientRequest(url: address.text)
            request.headers.add(name: "User-Agent", value: "stoa")
            // A compressed answer would have another length and other ranges.
            request.headers.add(name: "Accept-Encoding", value: "identity")
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            if let token = endpoint.token(for: address.text) {
                request.headers.add(name: "Authorization", value: "Bearer \(token)")
            }
            let response: HTTPClientResponse
            do {
                response = try await http.execute(request, deadline: .distantFuture)
            } catch {
                try Task.checkCancellation()
                throw TransientFailure(reason: Self.reason(error))
            }
            linked.note(response.headers)
            guard [301, 302, 303, 307, 308].contains(response.status.code) else {
                return Answer(
                    status: Int(response.status.code), headers: response.headers, body: response.body, linked: linked)
            }
            guard let location = response.headers.first(name: "Location"), let next = address.redirected(to: location)
            else { throw HubError.badResponse(url, "a redirect without a usable address") }
            guard !(address.scheme == "https" && next.scheme == "http") else {
                throw HubError.badResponse(url, "a redirect from https to http, which is not followed")
            }
            address = next
        }
        throw HubError.badResponse(url, "more than \(Self.longestChain) redirects")
    }

    /// A network failure in words.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout: "no connection within 15 seconds"
        case let error as HTTPClientError where error == .readTimeout: "nothing received for 60 seconds"
        case let error as HTTPClientError where error == .remoteConnectionClosed: "the server closed the connection"
        case let error as HTTPClientError: error.shortDescription
        case let error as NIOConnectionError where !error.connectionErrors.isEmpty:
            reason(error.connectionErrors[0].error)
        case is NIOConnectionError: "the host name is not known"
        case let error as IOError: "the connection failed: \(Files.reason(error.errnoCode))"
        case is HTTPParserError: "the connection ended in the middle of the answer"
        default: "\(error)"
        }
    }
}

extension HubClient.LinkedFile {
    fileprivate mutating func note(_ headers: HTTPHeaders) {
        if let text = headers.first(name: "X-Linked-Size"), let size = Int64(text), size >= 0 { bytes = size }
        if let tag = headers.first(name: "X-Linked-Etag") {
            let digest = tag.filter { $0 != "\"" }.lowercased()
            if digest.utf8.count == 64, digest.allSatisfy(\.isHexDigit) { sha256 = digest }
        }
    }
}
