/// A time source that stands still until it is told to move.
public final class ManualTimeSource: TimeSource {
    private struct State {
        var now: Duration
        var wall: Int64
    }

    private let state: Guarded<State>

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - now: the monotonic time it starts at.
    ///   - wallTime: the time of day it starts at.
    public init(now: Duration = .zero, wallTime: WallTime = WallTime(nanosecondsSinceEpoch: 0)) {
        state = Guarded(State(now: now, wall: wallTime.nanosecondsSinceEpoch))
    }

    /// The monotonic time.
    public var now: Duration { state.withLock { $0.now } }

    /// The time of day.
    public var wallTime: WallTime { WallTime(nanosecondsSinceEpoch: state.withLock { $0.wall }) }

    /// Moves both times forward.
    ///
    /// - Parameter duration: by how much; not negative.
    public func advance(by duration: Duration) {
        precondition(duration >= .zero, "time does not run backwards")
        let (seconds, attoseconds) = duration.components
        state.withLock {
            $0.now += duration
            $0.wall += seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        }
    }
}
