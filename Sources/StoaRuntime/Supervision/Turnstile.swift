internal import StoaCore
internal import Synchronization

/// Lets so many callers through at a time; others queue, first come, first served, up to a bound.
///
/// An agent's mailbox is a turnstile for one, a model's gate is one for as many calls as the model makes use of. Nobody
/// needs a task to wait for them: whoever passes does so in the caller's own task, so that cancelling the caller takes
/// it out of the queue, or ends what it does inside.
final class Turnstile: Sendable {
    /// What is known of a turnstile: a pure value, changed under a lock.
    struct State<Waiter> {
        let slots: Int
        let capacity: Int
        private(set) var inside = 0
        /// The most there were inside at a time.
        private(set) var mostInside = 0
        private var queue = FIFO<(ticket: UInt64, waiter: Waiter)>()

        init(slots: Int, capacity: Int) {
            self.slots = slots
            self.capacity = capacity
        }

        /// Callers in the queue.
        var waiting: Int { queue.count }

        enum Admission {
            case pass, wait, full
        }

        mutating func arrive(ticket: UInt64, waiter: Waiter) -> Admission {
            if inside < slots {
                inside += 1
                mostInside = max(mostInside, inside)
                return .pass
            }
            guard queue.count < capacity else { return .full }
            queue.append((ticket, waiter))
            return .wait
        }

        /// Takes a caller out of the queue; nil where it has passed already.
        mutating func withdraw(ticket: UInt64) -> Waiter? { queue.removeFirst { $0.ticket == ticket }?.waiter }

        /// Lets a caller out; its place goes to the next, who is given back.
        mutating func leave() -> Waiter? {
            if let next = queue.popFirst() { return next.waiter }
            inside -= 1
            return nil
        }
    }

    private enum Outcome {
        case passed, cancelled, full
    }

    /// There was no room in the queue.
    struct Full: Error {
        var capacity: Int
    }

    private let state: Guarded<State<CheckedContinuation<Outcome, Never>>>
    private let tickets = Atomic<UInt64>(0)

    /// Creates a turnstile.
    ///
    /// - Parameters:
    ///   - slots: callers inside at a time, at least 1.
    ///   - capacity: callers in the queue.
    init(slots: Int, capacity: Int = .max) {
        precondition(slots > 0, "somebody must be able to pass")
        state = Guarded(State(slots: slots, capacity: capacity))
    }

    /// The most there were inside at a time.
    var mostInside: Int { state.withLock { $0.mostInside } }

    /// Callers in the queue.
    var waiting: Int { state.withLock { $0.waiting } }

    /// Runs an operation inside.
    ///
    /// - Parameter operation: what to do.
    /// - Returns: what it returned.
    /// - Throws: what it throws; `Full`; `CancellationError` where the caller is cancelled in the queue.
    func pass<Value>(_ operation: () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        try Task.checkCancellation()
        return try await operation()
    }

    private func enter() async throws {
        let ticket = tickets.add(1, ordering: .relaxed).oldValue
        let outcome: Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                switch state.withLock({ $0.arrive(ticket: ticket, waiter: continuation) }) {
                case .pass: continuation.resume(returning: .passed)
                case .full: continuation.resume(returning: .full)
                // A cancellation that came before the waiter was there found nobody to take out.
                case .wait: if Task.isCancelled { withdraw(ticket) }
                }
            }
        } onCancel: {
            withdraw(ticket)
        }
        switch outcome {
        case .passed: return
        case .cancelled: throw CancellationError()
        case .full: throw Full(capacity: state.withLock { $0.capacity })
        }
    }

    private func withdraw(_ ticket: UInt64) {
        state.withLock { $0.withdraw(ticket: ticket) }?.resume(returning: .cancelled)
    }

    private func leave() { state.withLock { $0.leave() }?.resume(returning: .passed) }
}
