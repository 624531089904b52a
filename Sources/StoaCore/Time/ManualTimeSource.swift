/// A time source that stands still until it is told to move.
///
/// Whoever sleeps on it wakes when it is advanced far enough, or when the task is cancelled.
public final class ManualTimeSource: TimeSource {
    private struct State {
        var now: Duration
        var wall: Int64
        var sleepers: [UInt64: Sleeper] = [:]
        var nextSleeper: UInt64 = 0
        /// Those who wait until somebody sleeps.
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private struct Sleeper {
        var deadline: Duration
        var continuation: CheckedContinuation<Void, any Error>?
        var isCancelled = false
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

    /// Moves both times forward and wakes those whose time has come.
    ///
    /// - Parameter duration: by how much; not negative.
    public func advance(by duration: Duration) {
        precondition(duration >= .zero, "time does not run backwards")
        let (seconds, attoseconds) = duration.components
        let woken = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
            state.now += duration
            state.wall += seconds * 1_000_000_000 + attoseconds / 1_000_000_000
            let due = state.sleepers.filter { $0.value.deadline <= state.now && $0.value.continuation != nil }
            for id in due.keys { state.sleepers[id] = nil }
            return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
                .compactMap(\.value.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Waits until the source is advanced by the duration.
    ///
    /// - Parameter duration: how long.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        guard duration > .zero else { return }
        let id = state.withLock { state in
            state.nextSleeper += 1
            state.sleepers[state.nextSleeper] = Sleeper(deadline: state.now + duration)
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enum Next { case wait, wake, cancel }
                let (next, watchers) = state.withLock { state -> (Next, [CheckedContinuation<Void, Never>]) in
                    // The time may have come, or the task may have been cancelled, before there was anyone to wake.
                    guard let sleeper = state.sleepers[id] else { return (.wake, []) }
                    if sleeper.isCancelled || sleeper.deadline <= state.now {
                        state.sleepers[id] = nil
                        return (sleeper.isCancelled ? .cancel : .wake, [])
                    }
                    state.sleepers[id]?.continuation = continuation
                    let asleep = state.sleepers.count { $0.value.continuation != nil }
                    let due = state.watchers.filter { $0.count <= asleep }
                    state.watchers.removeAll { $0.count <= asleep }
                    return (.wait, due.map(\.continuation))
                }
                for watcher in watchers { watcher.resume() }
                switch next {
                case .wait: break
                case .wake: continuation.resume()
                case .cancel: continuation.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                guard let sleeper = state.sleepers[id] else { return nil }
                if sleeper.continuation == nil {
                    state.sleepers[id]?.isCancelled = true
                } else {
                    state.sleepers[id] = nil
                }
                return sleeper.continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// Waits until so many tasks sleep on the source, so that a test knows when to advance it.
    ///
    /// - Parameter count: how many tasks, at least 1.
    public func waitForSleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state in
                if state.sleepers.count(where: { $0.value.continuation != nil }) >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isDue { continuation.resume() }
        }
    }
}
