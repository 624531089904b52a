/// Where a component takes the time from: injected, so that a test or a replay decides what time it is.
///
/// Library code holds a `TimeSource` and never reads a clock itself.
public protocol TimeSource: Sendable {
    /// Time that only moves forward, since an origin of the source's own; for durations and deadlines.
    var now: Duration { get }
    /// The time of day, which may be set back; for records that people read.
    var wallTime: WallTime { get }

    /// Waits.
    ///
    /// - Parameter duration: how long; nothing happens for zero or less.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

extension TimeSource {
    /// Runs an operation and says how long it took.
    ///
    /// - Parameter operation: what to time.
    /// - Returns: the operation's result and its duration.
    /// - Throws: what the operation throws.
    public func measure<Result, Failure: Error>(
        _ operation: () throws(Failure) -> Result
    ) throws(Failure) -> (result: Result, elapsed: Duration) {
        let start = now
        let result = try operation()
        return (result, now - start)
    }
}
