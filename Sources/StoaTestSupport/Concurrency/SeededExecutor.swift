internal import StoaCore

/// An executor on which nothing runs by itself: a test runs one job after the other, in an order drawn from a seed.
///
/// Whatever tasks and actors do under it is one interleaving of many, the same for the same seed. What must not depend on
/// the interleaving is run under many seeds and compared:
///
///     let executor = SeededExecutor(seed: 7)
///     let answer = try await executor.run { try await driver.run(plan, parameters: [:], seed: 1) }
///
/// Actors with an executor of their own (the engine's lane, a journal in a file) escape it.
public final class SeededExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var position: UInt64 = 0
    }

    private let state = Guarded(State())
    private let random: RandomStream

    /// Creates an executor.
    ///
    /// - Parameter seed: what the order is drawn from.
    public init(seed: UInt64) { random = RandomStream(seed: seed).child("interleaving") }

    /// Takes in a job.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
    }

    /// How many jobs were run.
    public var steps: UInt64 { state.withLock { $0.position } }

    /// Runs one of the waiting jobs; false where none waits.
    private func runNext() -> Bool {
        let job = state.withLock { state -> UnownedJob? in
            guard !state.jobs.isEmpty else { return nil }
            state.position += 1
            return state.jobs.remove(at: random.integer(at: state.position, below: state.jobs.count))
        }
        job?.runSynchronously(on: asUnownedTaskExecutor())
        return job != nil
    }

    /// Runs an operation and everything it starts, one job at a time.
    ///
    /// - Parameter operation: what to run.
    /// - Returns: what it returned.
    /// - Throws: what it throws.
    public func run<Value: Sendable>(_ operation: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let isDone = Flag()
        // Owned by this function, which awaits it below.
        let task = Task(executorPreference: self) {
            defer { isDone.value.withLock { $0 = true } }
            return try await operation()
        }
        while !isDone.value.withLock({ $0 }) {
            if !runNext() { await Task.yield() }
        }
        while runNext() {}
        return try await task.value
    }

    private final class Flag: Sendable {
        let value = Guarded(false)
    }
}
