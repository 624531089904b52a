internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The connections to servers, shared by all remote models of a process.
///
/// Whoever makes one calls `shutdown` when no call is under way any more, or uses `with`, which does. Letting go of one
/// without a shutdown is a programming error that debug builds report. The event loops are the process's shared ones:
/// making and shutting down connections starts and leaves no threads.
public final class RemoteConnections: Sendable {
    /// How long a connection may take to come about.
    private static let connectTimeout = 15

    let http: HTTPClient

    /// Creates connections; the first call opens the first one.
    public init() {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        // Silence and slowness are watched by the attempt, on the injected time.
        configuration.timeout = .init(connect: .seconds(Int64(Self.connectTimeout)))
        configuration.httpVersion = .http1Only
        // Attempts are counted, and paused between, in one place: RetrySchedule.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = .seconds(30)
        // How many calls are under way is decided in one place too: AdaptiveConcurrency.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4096
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes all connections.
    ///
    /// - Throws: an error where calls are under way or the connections are closed already.
    public func shutdown() async throws { try await http.shutdown() }

    /// Runs a body with connections that are closed afterwards.
    ///
    /// - Parameter body: what to do; its calls are over when it returns.
    /// - Returns: the body's result.
    /// - Throws: what the body throws.
    public static func with<Result>(_ body: (RemoteConnections) async throws -> Result) async throws -> Result {
        let connections = RemoteConnections()
        let result: Result
        do {
            result = try await body(connections)
        } catch {
            try? await connections.shutdown()
            throw error
        }
        try? await connections.shutdown()
        return result
    }

    /// A network failure in words.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout:
            "no connection within \(connectTimeout) seconds"
        case let error as HTTPClientError where error == .remoteConnectionClosed: "the server closed the connection"
        case let error as HTTPClientError: error.shortDescription
        case let error as NIOConnectionError where !error.connectionErrors.isEmpty:
            reason(error.connectionErrors[0].error)
        case is NIOConnectionError: "the host name is not known"
        case let error as IOError: SystemFailure.words(error.errnoCode)
        case is HTTPParserError: "the connection ended in the middle of the answer"
        default: PlainText.bounded("\(error)", to: 200)
        }
    }
}

extension RemoteConnections: CustomReflectable {
    /// Nothing: requests under way are reachable from here, and their headers hold keys.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
