internal import StoaCore

/// Lets trainings happen one after the other, in the order in which they were asked for.
///
/// A caller that is cancelled leaves the queue at once.
final class TrainingQueue: Sendable {
    private struct State {
        var isTaken = false
        var tickets = 0
        var waiting: [(ticket: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Who was cancelled before arriving.
        var withdrawn: Set<Int> = []
    }

    private let state = Guarded(State())

    /// Waits for the caller's turn and does its work.
    ///
    /// Isolation: the body runs where the caller does.
    ///
    /// - Parameter body: the work.
    /// - Returns: its result.
    /// - Throws: what it throws, or `CancellationError`.
    nonisolated(nonsending) func run<Result>(
        _ body: nonisolated(nonsending) () async throws -> Result
    ) async throws -> Result {
        let ticket = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        let isIn = await withTaskCancellationHandler {
            await withCheckedContinuation { arrive(ticket, $0) }
        } onCancel: {
            withdraw(ticket)
        }
        defer { state.withLock { _ = $0.withdrawn.remove(ticket) } }
        guard isIn else { throw CancellationError() }
        defer { leave() }
        try Task.checkCancellation()
        return try await body()
    }

    private func arrive(_ ticket: Int, _ continuation: CheckedContinuation<Bool, Never>) {
        let outcome: Bool? = state.withLock { state in
            if state.withdrawn.contains(ticket) { return false }
            guard state.isTaken else {
                state.isTaken = true
                return true
            }
            state.waiting.append((ticket, continuation))
            return nil
        }
        if let outcome { continuation.resume(returning: outcome) }
    }

    private func withdraw(_ ticket: Int) {
        let waiter: CheckedContinuation<Bool, Never>? = state.withLock { state in
            state.withdrawn.insert(ticket)
            guard let place = state.waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            return state.waiting.remove(at: place).continuation
        }
        waiter?.resume(returning: false)
    }

    private func leave() {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
