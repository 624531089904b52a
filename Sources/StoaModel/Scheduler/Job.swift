internal import StoaCore
internal import Synchronization

/// One sequence's work in the scheduler.
///
/// `@unchecked Sendable`: all but `cancellation` is touched by the lane alone.
final class Job: @unchecked Sendable {
    /// How a job ended.
    enum Outcome {
        case finished
        case cancelled
        case failed(any Error)
    }

    let driver: any SequenceDriver
    let author: String
    /// What the model answers with; nil for the model as it is.
    let adapter: PackedAdapter?
    /// Whether rows may be taken from, and given to, the prefix cache.
    let sharesPrefix: Bool
    var cache: KVCache
    var demand: Demand?
    /// Inputs of the demand that have been fed.
    var fed = 0
    var outcome: Outcome?
    /// The place in the order of arrival.
    var arrival = 0
    private var waiters: [(condition: (Job) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    /// Rows computed, and rows that came from the prefix cache.
    var computedRows = 0
    var sharedRows = 0
    private let cancellation = Atomic(false)

    init(
        driver: any SequenceDriver, cache: KVCache, author: String, adapter: PackedAdapter? = nil, sharesPrefix: Bool
    ) {
        self.adapter = adapter
        self.driver = driver
        self.cache = cache
        self.author = author
        self.sharesPrefix = sharesPrefix
    }

    /// Asks for an end before the next pass; may be called from anywhere.
    func cancel() { cancellation.store(true, ordering: .relaxed) }
    var isCancelled: Bool { cancellation.load(ordering: .relaxed) }

    /// Inputs of the demand that have not been fed.
    var remaining: Int { (demand?.inputs.count ?? 0) - fed }

    /// Whether it goes on by one, guesses apart: such sequences share every pass.
    var isGoingOn: Bool { remaining == 1 || (demand?.drafted ?? 0) > 0 }

    /// Leaves out guesses that have no place in a pass.
    func keepDrafts(_ count: Int) {
        guard let drafted = demand?.drafted, drafted > count else { return }
        demand?.inputs.removeLast(drafted - count)
        demand?.drafted = count
    }

    /// Hands the cache to a pass that grows it in place; the pass gives it back.
    func takeCache() -> KVCache {
        var taken = KVCache(fingerprint: cache.fingerprint, layout: cache.layout)
        swap(&taken, &cache)
        return taken
    }

    /// Ends the job for want of memory, and gives its own back at once: others must not fail for it too.
    func settleFull(limitBytes: Int) {
        settle(.failed(ModelError.cacheFull(limitBytes: limitBytes)))
        _ = takeCache()
    }

    /// Ends the job; the first outcome stands.
    func settle(_ outcome: Outcome) {
        guard self.outcome == nil else { return }
        self.outcome = outcome
        demand = nil
    }

    // MARK: - The caller that waits

    /// Whether the caller can go on.
    func isSatisfied(_ condition: (Job) -> Bool) -> Bool { outcome != nil || condition(self) }

    /// Suspends the caller until `condition` holds, the job ends, or it is to run the passes itself.
    func wait(for condition: @escaping (Job) -> Bool, continuation: CheckedContinuation<Void, Never>) {
        waiters.append((condition, continuation))
    }

    /// Whether a caller is suspended on this job.
    var isAwaited: Bool { !waiters.isEmpty }

    /// Resumes the callers that are suspended on this job.
    func wake() {
        let woken = waiters
        waiters = []
        for waiter in woken { waiter.continuation.resume() }
    }

    /// Resumes the callers where one of them can go on; the others find out for themselves and wait again.
    func wakeIfSatisfied() {
        if waiters.contains(where: { isSatisfied($0.condition) }) { wake() }
    }

    /// What the sequence has cost so far.
    var usage: SequenceUsage {
        SequenceUsage(computedRows: computedRows, sharedRows: sharedRows)
    }
}

/// What a sequence cost.
package struct SequenceUsage: Sendable, Hashable {
    /// Inputs that went through the model.
    package var computedRows: Int
    /// Inputs whose rows were found in the prefix cache.
    package var sharedRows: Int
}
