internal import StoaCore

/// Lets in as many calls as the server can take, in the order in which they came.
///
/// Isolation: none; any number of tasks may wait. Nothing is called or resumed under the lock.
final class RequestGate: Sendable {
    private struct Waiter {
        let ticket: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var controller: AdaptiveConcurrency
        var inside = 0
        var waiters = FIFO<Waiter>()
        var nextTicket: UInt64 = 0
        /// Those who are about to wait; whoever is cancelled before is taken out.
        var arriving: Set<UInt64> = []

        /// Those who may come in now.
        mutating func admit() -> [CheckedContinuation<Void, any Error>] {
            var admitted: [CheckedContinuation<Void, any Error>] = []
            while inside < controller.limit, let waiter = waiters.popFirst() {
                inside += 1
                admitted.append(waiter.continuation)
            }
            return admitted
        }
    }

    /// How a call ended, as far as it says something about the server.
    enum Outcome: Sendable, Hashable {
        /// It was answered.
        case success
        /// There were too many.
        case refused
        /// The server failed.
        case failed
        /// It says nothing.
        case unknown
    }

    private let state: Guarded<State>
    private let time: any TimeSource

    init(maximum: Int, time: any TimeSource) {
        state = Guarded(State(controller: AdaptiveConcurrency(maximum: maximum)))
        self.time = time
    }

    /// How many calls may be under way now.
    var limit: Int { state.withLock { $0.controller.limit } }

    /// How many calls are under way.
    var inside: Int { state.withLock { $0.inside } }

    /// How many callers wait for a place.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Waits for a place, which is given back with `leave`.
    ///
    /// - Throws: `CancellationError`, without a place.
    func enter() async throws {
        try Task.checkCancellation()
        let ticket = state.withLock { state in
            state.nextTicket += 1
            state.arriving.insert(state.nextTicket)
            return state.nextTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enum Next { case wait, enter, cancel }
                let next = state.withLock { state -> Next in
                    guard state.arriving.remove(ticket) != nil else { return .cancel }
                    if state.waiters.count == 0, state.inside < state.controller.limit {
                        state.inside += 1
                        return .enter
                    }
                    state.waiters.append(Waiter(ticket: ticket, continuation: continuation))
                    return .wait
                }
                switch next {
                case .wait: break
                case .enter: continuation.resume()
                case .cancel: continuation.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard state.arriving.remove(ticket) == nil else { return nil }
                return state.waiters.removeFirst { $0.ticket == ticket }
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Gives a place back.
    ///
    /// - Parameter outcome: how the call ended.
    func leave(_ outcome: Outcome) {
        let now = time.now
        let admitted = state.withLock { state in
            switch outcome {
            case .success: state.controller.noteSuccess(at: now)
            case .refused: state.controller.noteRefusal(at: now)
            case .failed: state.controller.noteFailure(at: now)
            case .unknown: break
            }
            state.inside -= 1
            return state.admit()
        }
        for continuation in admitted { continuation.resume() }
    }
}
