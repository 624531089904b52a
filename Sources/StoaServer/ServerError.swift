public import StoaCore

/// A server that could not begin.
public struct ServerError: StoaError, Hashable {
    /// The class of the failure.
    public let kind: FailureKind
    /// What failed, on what, expected and found.
    public let message: String
    /// What to do next.
    public let hint: String?

    static func cannotListen(host: String, port: Int, reason: String) -> ServerError {
        ServerError(
            kind: .failure, message: "cannot listen on \(host), port \(port): \(reason)",
            hint: "choose another --port; 0 picks a free one")
    }
}
