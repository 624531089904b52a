internal import StoaCore

/// A failure that another attempt may cure.
struct AttemptFailure: Error {
    /// What went wrong.
    enum Reason: Sendable, Hashable {
        /// The network failed.
        case connection(String)
        /// The server failed.
        case server(status: Int, said: String?)
        /// The server asked for fewer requests.
        case refused(said: String?)
        /// No bytes for so long.
        case silent(Duration)
        /// No whole answer for so long.
        case slow(Duration)
    }

    let reason: Reason
    /// How long the server asked to wait.
    var pause: Duration?

    /// What it says about the server.
    var outcome: RequestGate.Outcome {
        switch reason {
        case .refused: .refused
        case .connection, .server, .silent, .slow: .failed
        }
    }

    /// The failure in a few words.
    var summary: String {
        switch reason {
        case .connection(let reason): reason
        case .server(let status, _): "HTTP \(status)"
        case .refused: "too many requests: HTTP 429"
        case .silent(let idle): "nothing received for \(RemoteError.seconds(idle))"
        case .slow(let limit): "no whole answer within \(RemoteError.seconds(limit))"
        }
    }

    /// The error for those who asked, once it is not tried again.
    ///
    /// - Parameters:
    ///   - endpoint: whom it is about.
    ///   - attempts: how many attempts there were.
    /// - Returns: the error.
    func error(_ endpoint: RemoteEndpoint, attempts: Int) -> RemoteError {
        switch reason {
        case .connection(let reason): .unreachable(endpoint, reason: reason, attempts: attempts)
        case .server(let status, let said): .failing(endpoint, status: status, said: said, attempts: attempts)
        case .refused(let said): .rateLimited(endpoint, said: said, attempts: attempts)
        case .silent(let idle): .silent(endpoint, for: idle, attempts: attempts)
        case .slow(let limit): .slow(endpoint, limit: limit, attempts: attempts)
        }
    }

    /// The error for those who have been given text already.
    func interruption(_ endpoint: RemoteEndpoint, characters: Int) -> RemoteError {
        switch reason {
        case .silent, .slow: .interrupted(endpoint, characters: characters, reason: summary, kind: .timeout)
        default: .interrupted(endpoint, characters: characters, reason: summary, kind: .unreachable)
        }
    }
}
