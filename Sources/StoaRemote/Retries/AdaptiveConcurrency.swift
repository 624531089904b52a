/// How many calls a server is given at a time: a value that reads no clock.
///
/// A server that answers "too many requests" gets a fifth fewer, and then neither fewer nor more for 15 seconds, so that
/// one burst of refusals counts once. A server that fails otherwise is given no more than it has for 15 seconds: fewer
/// calls would not heal it. Success lets the limit grow by about one for as many calls as are allowed at a time.
///
/// Source: interop notes on Inspect's adaptive connections: 429 shrinks by 0.8 with a cooldown of 15 s, 5xx pauses growth.
public struct AdaptiveConcurrency: Sendable, Hashable {
    /// What a refusal leaves of the limit.
    public static let shrinkage = 0.8
    /// How long the limit rests after a refusal or a failure.
    public static let cooldown = Duration.seconds(15)

    /// The most calls at a time.
    public let maximum: Int
    private var level: Double
    private var mayShrinkFrom: Duration?
    private var mayGrowFrom: Duration?

    /// Creates a controller that starts at its maximum.
    ///
    /// - Parameter maximum: the most calls at a time, at least 1.
    public init(maximum: Int) {
        precondition(maximum > 0, "a server is given at least one call")
        self.maximum = maximum
        level = Double(maximum)
    }

    /// How many calls may be under way now: from 1 to `maximum`.
    public var limit: Int { Int(level) }

    /// Notes that the server asked for fewer requests.
    ///
    /// - Parameter now: the monotonic time.
    public mutating func noteRefusal(at now: Duration) {
        rest(until: now + Self.cooldown)
        if let mayShrinkFrom, now < mayShrinkFrom { return }
        level = max(1, level * Self.shrinkage)
        mayShrinkFrom = now + Self.cooldown
    }

    /// Notes that the server failed.
    ///
    /// - Parameter now: the monotonic time.
    public mutating func noteFailure(at now: Duration) { rest(until: now + Self.cooldown) }

    /// Notes that a call succeeded.
    ///
    /// - Parameter now: the monotonic time.
    public mutating func noteSuccess(at now: Duration) {
        if let mayGrowFrom, now < mayGrowFrom { return }
        level = min(Double(maximum), level + 1 / level)
    }

    private mutating func rest(until time: Duration) { mayGrowFrom = max(mayGrowFrom ?? time, time) }
}
