internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import StoaCore

/// An address that answers requests until its task is cancelled.
struct HTTPListener: Sendable {
    var host: String
    /// 0 picks a free one.
    var port: Int
    /// Connections at a time; more wait to be accepted.
    var maximumConnections = 512
    /// What requests in progress are given to end by themselves; after that they are cancelled.
    var grace: Duration = .seconds(5)

    /// A connection on which nothing comes for so long is closed; one whose request is being answered is not.
    private static let silence: Duration = .seconds(60)

    /// Answers requests.
    ///
    /// - Parameters:
    ///   - respond: answers one request.
    ///   - onListening: told once, with the port, as soon as requests can come.
    /// - Throws: `ServerError` where the address cannot be had. Cancelling the task ends it in an orderly way, without an error.
    func serve(
        _ respond: @escaping @Sendable (Request) async -> Response, onListening: @escaping @Sendable (Int) async -> Void
    ) async throws {
        // Everything worth saying is in the answers; standard output belongs to the program.
        let logger = Logger(label: "stoa.server") { _ in SwiftLogNoOpLogHandler() }
        let port = port
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in await respond(request) },
            server: .http1(configuration: .init(idleTimeout: .init(Self.silence))),
            configuration: .init(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(maximumConnections)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) }, logger: logger)
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        configuration.maximumGracefulShutdownDuration = grace
        let group = ServiceGroup(configuration: configuration)
        // Owned by this function, which awaits it: the cancellation of the caller is an orderly end here, not an abrupt one.
        let serving = Task { try await group.run() }
        let result = await withTaskCancellationHandler {
            await serving.result
        } onCancel: {
            // Ends at once: it only passes the word on.
            Task { await group.triggerGracefulShutdown() }
        }
        if case .failure(let error) = result, !Task.isCancelled {
            throw ServerError.cannotListen(host: host, port: port, reason: "\(error)")
        }
    }
}
