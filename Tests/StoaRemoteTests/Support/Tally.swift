import StoaCore

/// Counts what happens, and lets tests wait until it has happened so often.
final class Tally: Sendable {
    private struct State {
        var count = 0
        var nextWaiter = 0
        var waiters: [Int: (count: Int, continuation: CheckedContinuation<Void, Never>)] = [:]
    }

    private let state = Guarded(State())

    /// How often it has happened.
    var count: Int { state.withLock { $0.count } }

    /// Notes that it happened.
    func add() {
        let due = state.withLock { state in
            state.count += 1
            let due = state.waiters.filter { $0.value.count <= state.count }
            for id in due.keys { state.waiters[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Waits until it has happened so often, or until the test has run out of time.
    func reaches(_ count: Int) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.count >= count || Task.isCancelled { return true }
                    state.waiters[id] = (count, continuation)
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
        }
    }
}
