/// How often and after how long a failed request is repeated.
struct RetryPolicy: Sendable {
    /// Attempts in a row without a byte of progress.
    var attempts = 5
    /// The pause after the first failure; each further one doubles it.
    var firstPause = Duration.milliseconds(500)
    /// The longest pause, also where the server asks for a longer one.
    var longestPause = Duration.seconds(30)

    /// The pause after a failure.
    ///
    /// - Parameters:
    ///   - attempt: how many attempts in a row have failed, from 1.
    ///   - requested: what the server asked for, if it did.
    /// - Returns: the pause.
    func pause(after attempt: Int, requested: Duration?) -> Duration {
        let backedOff = firstPause * (1 << min(attempt - 1, 16))
        return min(max(requested ?? .zero, backedOff), longestPause)
    }
}
