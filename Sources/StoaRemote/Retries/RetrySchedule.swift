/// How often and after how long a failed call is repeated: a value that reads no clock.
///
/// The pause doubles with every failure up to a limit; the upper half of it is drawn, so that callers who failed together
/// do not come back together. A server that asks for a longer pause gets it, up to a limit of its own.
public struct RetrySchedule: Sendable, Hashable {
    /// What to do after a failure.
    public enum Decision: Sendable, Hashable {
        /// Try again after the pause.
        case retry(after: Duration)
        /// All attempts are used up.
        case exhausted
        /// The server asked for a pause that is too long to wait.
        case tooLong(Duration)
    }

    /// Attempts in all, at least 1.
    public var attempts = 5
    /// The longest pause after the first failure; each further one doubles it.
    public var firstPause = Duration.milliseconds(500)
    /// The longest pause that is taken unasked.
    public var longestPause = Duration.seconds(30)
    /// The longest pause that a server may ask for.
    public var longestRequestedPause = Duration.seconds(120)

    /// Creates the usual schedule.
    public init() {}

    /// Creates a schedule.
    ///
    /// - Parameters:
    ///   - attempts: attempts in all, at least 1.
    ///   - firstPause: the longest pause after the first failure.
    ///   - longestPause: the longest pause that is taken unasked.
    ///   - longestRequestedPause: the longest pause that a server may ask for.
    public init(
        attempts: Int, firstPause: Duration = .milliseconds(500), longestPause: Duration = .seconds(30),
        longestRequestedPause: Duration = .seconds(120)
    ) {
        precondition(attempts > 0, "a call is attempted at least once")
        self.attempts = attempts
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.longestRequestedPause = longestRequestedPause
    }

    /// Decides what comes after a failure.
    ///
    /// - Parameters:
    ///   - failures: how many attempts have failed, from 1.
    ///   - requested: the pause that the server asked for, if it did.
    ///   - draw: a number in `0..<1` that spreads the pauses.
    /// - Returns: the decision.
    public func decide(failures: Int, requested: Duration?, draw: Double) -> Decision {
        if failures >= attempts { return .exhausted }
        if let requested, requested > longestRequestedPause { return .tooLong(requested) }
        let whole = min(firstPause * (1 << min(failures - 1, 20)), longestPause)
        return .retry(after: max(requested ?? .zero, whole * (0.5 + draw / 2)))
    }
}
