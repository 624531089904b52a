#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#elseif canImport(Darwin)
private import Darwin
#endif

/// The machine's clocks.
///
/// This file is the only place in the libraries that reads a clock; everything else is given a `TimeSource`.
public struct SystemTimeSource: TimeSource {
    private let origin = ContinuousClock.now

    /// Creates a source whose monotonic time starts at zero.
    public init() {}

    /// Monotonic time since the source was created; it goes on while the machine sleeps.
    public var now: Duration { origin.duration(to: ContinuousClock.now) }

    /// The time of day as the machine's clock has it.
    public var wallTime: WallTime {
        var time = timespec()
        // The call cannot fail for this clock and a valid address.
        _ = clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(nanosecondsSinceEpoch: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Waits on the monotonic clock.
    ///
    /// - Parameter duration: how long.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        guard duration > .zero else { return try Task.checkCancellation() }
        try await Task.sleep(for: duration)
    }
}
