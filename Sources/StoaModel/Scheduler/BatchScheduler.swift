internal import OrderedCollections
internal import StoaCore

/// Continuous batching: which rows of which sequences share the next pass.
///
/// Every pass takes one input of each sequence that is ready to go on by one (decoding, latent steps), then fills what is
/// left of the row budget with chunks of longer inputs, in turn. A share of the rows is kept for a longer input where one
/// waits, and whoever had a turn goes to the back of the queue, so nobody waits for others to finish. Sequences join and
/// leave between passes. A row's bits do not depend on these choices, so they serve speed and fairness alone.
///
/// Isolation: one compute lane.
final class BatchScheduler {
    private let forwardPass: ForwardPass
    private let prefixes: PrefixCache?
    private let contextLength: Int
    /// Rows up to which a pass is given guesses: beyond, a row costs as much as a pass of its own saves.
    static let draftedPassRows = 8
    private var arrivals = 0
    private(set) var jobs: [Job] = []
    /// Passes run, and rows computed in them: their ratio is the mean batch occupancy.
    private(set) var passes = 0
    private(set) var rows = 0

    /// Creates an idle scheduler.
    ///
    /// - Parameters:
    ///   - forwardPass: what runs the passes.
    ///   - prefixes: where rows of finished sequences are kept for others; nil for nowhere.
    init(forwardPass: ForwardPass, prefixes: PrefixCache?) {
        self.forwardPass = forwardPass
        self.prefixes = prefixes
        contextLength = forwardPass.weights.configuration.contextLength
    }

    /// How cached rows lie in memory, and where their pages come from.
    var layout: KVLayout { forwardPass.pages.layout }
    var pages: KVPagePool { forwardPass.pages }
    var scratch: ForwardScratch { forwardPass.scratch }

    /// Adds a job.
    func add(_ job: Job) {
        arrivals += 1
        job.arrival = arrivals
        jobs.append(job)
    }

    /// Lets go of sequences that were cancelled while nobody ran passes.
    func sweep() {
        for job in jobs where job.isCancelled {
            job.settle(.cancelled)
            job.wakeIfSatisfied()
        }
        jobs.removeAll { $0.outcome != nil }
    }

    /// Whether a pass would make progress.
    var hasWork: Bool { jobs.contains { !$0.driver.isBlocked || $0.isCancelled } }

    /// Runs one pass.
    ///
    /// - Returns: jobs that ended, removed from the scheduler.
    func step() -> [Job] {
        for job in jobs { prepare(job) }
        let batch = choose()
        if !batch.isEmpty { run(batch) }
        let ended = jobs.filter { $0.outcome != nil }
        if !ended.isEmpty { jobs.removeAll { $0.outcome != nil } }
        for job in ended { remember(job, from: 0) }
        return ended
    }

    // MARK: - Choosing

    private func prepare(_ job: Job) {
        guard job.outcome == nil else { return }
        if job.isCancelled { return job.settle(.cancelled) }
        guard job.demand == nil, !job.driver.isBlocked else { return }
        do {
            guard let demand = try job.driver.next() else { return job.settle(.finished) }
            try admit(demand, of: job)
            job.demand = demand
            job.fed = 0
        } catch {
            job.settle(.failed(error))
        }
    }

    private func admit(_ demand: Demand, of job: Job) throws {
        let configuration = forwardPass.weights.configuration
        if let positions = demand.positions, positions.count != demand.inputs.count || (positions.min() ?? 0) < 0 {
            throw ModelError.invalidRequest("explicit positions: expected one of at least 0 for each input")
        }
        let last = demand.positions.map { Int($0.max() ?? 0) + 1 } ?? Int(job.cache.nextPosition) + demand.inputs.count
        let needed = max(last, Int(job.cache.positionEnd))
        guard needed <= contextLength else {
            throw ModelError.contextExceeded(needed: needed, available: contextLength)
        }
        guard !demand.inputs.isEmpty else { throw ModelError.invalidRequest("a sequence needs at least one input") }
        for input in demand.inputs {
            switch input {
            case .token(let id):
                guard id.rawValue >= 0, Int(id.rawValue) < configuration.vocabularySize else {
                    throw ModelError(
                        .invalidRequest, kind: .badInput,
                        "token \(id.rawValue) is not in the vocabulary of \(configuration.vocabularySize)")
                }
            case .embedding(let vector):
                guard vector.count == configuration.width else {
                    throw ModelError.invalidRequest(
                        "an input vector has \(vector.count) numbers, the model's width is \(configuration.width)")
                }
            }
        }
        guard let mask = demand.mask else { return }
        if demand.inputs.count > forwardPass.maximumRows {
            throw ModelError.invalidRequest(
                "\(demand.inputs.count) inputs with an attention mask: at most \(forwardPass.maximumRows) fit one pass")
        }
        let columns = job.cache.count + demand.inputs.count
        guard mask.rows.count == demand.inputs.count, mask.rows.allSatisfy({ $0.count == columns }) else {
            throw ModelError.invalidRequest(
                "attention mask: expected \(demand.inputs.count) rows (inputs) of \(columns) columns (cached rows and "
                    + "inputs), found \(mask.rows.count) rows of \(Set(mask.rows.map(\.count)).sorted())")
        }
    }

    /// What a pass will hold, while it is being put together.
    private struct Selection {
        var chosen: [(job: Job, count: Int)] = []
        var waiting: [Job] = []
        var budget: Int
        var reservedPages = 0
        var claimedTails: Set<ObjectIdentifier> = []
    }

    private func choose() -> [(job: Job, count: Int)] {
        var selection = Selection(budget: forwardPass.maximumRows)
        let ready = jobs.filter { $0.outcome == nil && $0.remaining > 0 }
        let kept = rowsKept(for: ready)
        var drafts = max(0, Self.draftedPassRows - ready.count)
        for job in ready where job.isGoingOn && selection.budget > kept {
            job.keepDrafts(min(drafts, selection.budget - kept - 1))
            drafts -= job.remaining - 1
            take(job, job.remaining, into: &selection)
        }
        for job in ready where !job.isGoingOn && selection.budget > 0 {
            if job.demand?.mask != nil {
                if job.remaining <= selection.budget { take(job, job.remaining, into: &selection) }
                continue
            }
            shareKnownRows(job)
            if sharesNextBlock(job, with: selection.chosen) { continue }
            take(job, min(job.remaining, selection.budget), into: &selection)
        }
        // Nobody can go on and nobody will give memory back: the youngest has to go.
        if selection.chosen.isEmpty, let victim = selection.waiting.max(by: { $0.arrival < $1.arrival }) {
            victim.settleFull(limitBytes: pages.memory.limit)
        }
        rotate(selection.chosen.map(\.job))
        return selection.chosen
    }

    /// Rows that sequences which go on by one leave for the longer input whose turn is next.
    private func rowsKept(for ready: [Job]) -> Int {
        guard let first = ready.first, let long = ready.first(where: { !$0.isGoingOn }) else { return 0 }
        let rows = forwardPass.maximumRows
        let share = long.demand?.mask == nil ? max(1, rows / 4) : long.remaining
        // Where it takes all there is, turns are taken.
        return share < rows || first === long ? share : 0
    }

    private func take(_ job: Job, _ count: Int, into selection: inout Selection) {
        guard count > 0 else { return }
        var claimed = selection.claimedTails
        let needed = job.cache.pagesNeeded(for: count, from: pages, claimed: &claimed)
        while needed > pages.availablePages - selection.reservedPages {
            guard prefixes?.evict(16) == true else { return selection.waiting.append(job) }
        }
        selection.claimedTails = claimed
        selection.reservedPages += needed
        selection.budget -= count
        selection.chosen.append((job, count))
    }

    /// Others go first next time.
    private func rotate(_ chosen: [Job]) {
        let served = Set(chosen.map { ObjectIdentifier($0) })
        jobs =
            jobs.filter { !served.contains(ObjectIdentifier($0)) }
            + jobs.filter { served.contains(ObjectIdentifier($0)) }
    }

    private func shareKnownRows(_ job: Job) {
        guard job.sharesPrefix, let prefixes, let demand = job.demand, demand.outputs.logits != .all,
            demand.outputs.hidden != .all, demand.outputs.residuals.isEmpty, demand.outputs.attention == 0,
            demand.positions == nil
        else { return }
        let known = prefixes.extend(
            &job.cache, upcoming: demand.inputs[job.fed...], label: (demand.origin, job.author))
        job.fed += known
        job.sharedRows += known
    }

    /// Whether a chosen sequence is computing the very rows that this one needs: then it waits and shares them.
    private func sharesNextBlock(_ job: Job, with chosen: [(job: Job, count: Int)]) -> Bool {
        guard prefixes != nil, job.sharesPrefix, job.cache.isPlainText, job.remaining > KVLayout.pageRows else {
            return false
        }
        let start = job.cache.count
        return chosen.contains { other in
            guard other.job.sharesPrefix, other.job.cache.isPlainText, other.job.cache.count == start,
                other.count >= KVLayout.pageRows, job.cache.tokens == other.job.cache.tokens,
                job.adapter?.reference == other.job.adapter?.reference,
                let mine = job.demand, let theirs = other.job.demand
            else { return false }
            return mine.inputs[job.fed..<job.fed + KVLayout.pageRows]
                == theirs.inputs[other.job.fed..<other.job.fed + KVLayout.pageRows]
        }
    }

    // MARK: - Running

    /// Brings sequences with one adapter together, so that its products run over all their rows at once.
    private static func grouped(_ batch: [(job: Job, count: Int)]) -> [(job: Job, count: Int)] {
        guard batch.contains(where: { $0.job.adapter != nil }) else { return batch }
        var groups: OrderedDictionary<ObjectIdentifier?, [(job: Job, count: Int)]> = [:]
        for entry in batch { groups[entry.job.adapter.map { ObjectIdentifier($0) }, default: []].append(entry) }
        return groups.values.flatMap(\.self)
    }

    private func run(_ chosen: [(job: Job, count: Int)]) {
        let batch = Self.grouped(chosen)
        var slices: [ForwardSlice] = []
        for (job, count) in batch {
            guard let demand = job.demand else { continue }
            slices.append(
                ForwardSlice(
                    cache: job.takeCache(), adapter: job.adapter, inputs: demand.inputs[job.fed..<job.fed + count],
                    positions: demand.positions?[job.fed..<job.fed + count], origin: demand.origin, author: job.author,
                    outputs: demand.outputs.part(of: count, before: job.remaining - count), mask: demand.mask))
        }
        do {
            try forwardPass.forward(&slices) { output in
                let job = batch[output.slice].job
                guard job.outcome == nil else { return }
                do {
                    try job.driver.receive(output.offset(by: job.fed))
                } catch {
                    job.settle(.failed(error))
                }
            }
        } catch {
            // Nothing was fed: the caches are as they were.
            for (index, entry) in batch.enumerated() {
                entry.job.cache = slices[index].cache
                entry.job.settle(.failed(error))
            }
            return
        }
        passes += 1
        for (index, (job, count)) in batch.enumerated() {
            job.cache = slices[index].cache
            job.fed += count
            let rejected = job.driver.takeRejected(of: min(count, job.demand?.drafted ?? 0))
            if rejected > 0 { job.cache.retract(rejected) }
            job.computedRows += count - rejected
            rows += count
            if count - rejected > 1 { remember(job, from: job.cache.count - (count - rejected)) }
            if job.remaining <= 0 { job.demand = nil }
        }
    }

    private func remember(_ job: Job, from row: Int) {
        guard let prefixes, job.sharesPrefix, !job.cache.isEmpty else { return }
        prefixes.insert(job.cache, from: row)
    }
}
