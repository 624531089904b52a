internal import OrderedCollections
public import StoaCore
public import StoaRuntime

/// Runs a playbook over problems, so many at a time, and keeps what comes of each.
///
/// All runs share the models of the setup, so that an engine's scheduler computes several of them in one pass. An item is
/// recorded as soon as its run ended. Runs have names that follow from the evaluation's, so an evaluation that was killed
/// goes on where it was: items that are recorded are not asked again, and a run that was under way is resumed, not repeated.
///
/// Determinism: seeds follow from the evaluation's seed, the problem's id and the sample; results depend neither on how
/// many runs there are at a time nor on the order in which they end.
///
/// Isolation: everything runs in the caller's task and its children. Cancelling the caller stops the evaluation in a state
/// from which it can be resumed.
public struct EvaluationRunner: Sendable {
    /// So many problems are asked before one looks whether the rest can be left out, whatever the concurrency.
    static let problemsPerLook = 16

    private let setup: RunSetup
    private let observer: (any EvaluationObserver)?

    /// Creates a runner.
    ///
    /// - Parameters:
    ///   - setup: what runs take from outside; whom a person could be asked is left out.
    ///   - observer: is told how it goes on.
    public init(_ setup: RunSetup, observer: (any EvaluationObserver)? = nil) {
        var setup = setup
        setup.person = nil
        self.setup = setup
        self.observer = observer
    }

    // MARK: - Beginning

    /// Begins an evaluation and runs it.
    ///
    /// - Parameters:
    ///   - definition: what it asks.
    ///   - plan: the plan of its playbook.
    ///   - concurrency: how many runs at a time, at least 1.
    ///   - began: is told the evaluation's name before the first run.
    /// - Returns: the whole evaluation.
    /// - Throws: as `resume`.
    public func run(
        _ definition: EvaluationDefinition, plan: Plan, concurrency: Int, began: (RunID) -> Void = { _ in }
    ) async throws -> EvaluationLog.Content {
        // What cannot be asked is said before anything is.
        let parameters = try ProblemParameters(plan: plan, given: definition.parameters)
        for problem in definition.problems { _ = try parameters.values(for: problem) }
        var definition = definition
        for name in plan.models.keys { definition.models[name] = setup.models[name]?.identity }
        let log = EvaluationLog(setup.identifiers.makeRunID(), in: setup.journal)
        try await log.create(definition, observation, owner: setup.process)
        began(log.id)
        return try await work(on: log, plan: plan, concurrency: concurrency)
    }

    /// Goes on with an evaluation that was stopped; of a finished one it gives the result.
    ///
    /// - Parameters:
    ///   - id: its name.
    ///   - plan: the plan of the playbook that it recorded.
    ///   - concurrency: how many runs at a time, at least 1.
    /// - Returns: the whole evaluation.
    /// - Throws: `JournalError.owned` where another process works on it; a `StoaError` of a kind that is no fault of an
    ///   item's, such as a model that cannot be reached; `CancellationError`.
    public func resume(_ id: RunID, plan: Plan, concurrency: Int) async throws -> EvaluationLog.Content {
        let log = EvaluationLog(id, in: setup.journal)
        let content = try await log.read()
        guard !content.record.status.isFinal else { return content }
        for (name, recorded) in content.definition.models.sorted(by: { $0.key < $1.key }) {
            guard let found = setup.models[name]?.identity, found.fingerprint != recorded.fingerprint else { continue }
            throw EvaluationError(
                .notComparable,
                "model \(name): the evaluation was begun with \(recorded.name) (\(recorded.fingerprint)), found "
                    + "\(found.name) (\(found.fingerprint))",
                hint: "give the model and the precision that it was begun with")
        }
        try await setup.journal.claim(id, owner: setup.process)
        try await setup.journal.update(id, status: .running, answer: nil)
        return try await work(on: log, plan: plan, concurrency: concurrency)
    }

    // MARK: - Working

    private struct Ticket: Sendable {
        var problem: Int
        var sample: Int
    }

    private func work(on log: EvaluationLog, plan: Plan, concurrency: Int) async throws -> EvaluationLog.Content {
        do {
            var content = try await log.read()
            let worker = try Worker(self, log, plan, content)
            let order = content.definition.order
            var asked = 0
            while asked < order.count {
                let look = content.definition.stopWidth == nil ? order.count : Self.problemsPerLook
                let next = order[asked..<min(asked + look, order.count)]
                let done = Set(content.items.map { [$0.problem, $0.sample] })
                let tickets = next.flatMap { problem in
                    (0..<content.definition.samples).map { Ticket(problem: problem, sample: $0) }
                }
                .filter { !done.contains([$0.problem, $0.sample]) }
                try await perform(tickets, by: worker, atATime: concurrency)
                asked += next.count
                content = try await log.read()
                if let stopping = SequentialStopping(content), stopping.isReached { break }
            }
            let items = content.items
            try await log.finish("\(items.count { $0.isCorrect }) of \(items.count) right", observation)
            content.record = try await setup.journal.run(log.id)
            return content
        } catch {
            try await setup.journal.update(log.id, status: .interrupted, answer: nil)
            throw error
        }
    }

    private func perform(_ tickets: [Ticket], by worker: Worker, atATime concurrency: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var waiting = tickets.makeIterator()
            for _ in 0..<max(1, concurrency) {
                guard let ticket = waiting.next() else { break }
                group.addTask { try await worker.work(problem: ticket.problem, sample: ticket.sample) }
            }
            while try await group.next() != nil {
                guard let ticket = waiting.next() else { continue }
                group.addTask { try await worker.work(problem: ticket.problem, sample: ticket.sample) }
            }
        }
    }

    private var observation: Observation { Observation(time: setup.clock.wallTime, process: setup.process.process) }

    // MARK: - Items

    /// Makes items.
    private struct Worker: Sendable {
        let setup: RunSetup
        let log: EvaluationLog
        let plan: Plan
        let definition: EvaluationDefinition
        let parameters: ProblemParameters
        let verifier: any Verifier
        let tally: Tally

        init(
            _ runner: EvaluationRunner, _ log: EvaluationLog, _ plan: Plan, _ content: EvaluationLog.Content
        ) throws {
            setup = runner.setup
            self.log = log
            self.plan = plan
            definition = content.definition
            parameters = try ProblemParameters(plan: plan, given: definition.parameters)
            guard let verifier = setup.verifiers[definition.scoring.verifier] else {
                throw EvaluationError(
                    .unknownVerifier, "there is no verifier '\(definition.scoring.verifier)'",
                    hint: "there is \(setup.verifiers.keys.sorted().joined(separator: ", "))")
            }
            self.verifier = verifier
            tally = Tally(content, clock: setup.clock, observer: runner.observer)
        }

        /// Has a problem tried, and records what came of it.
        func work(problem index: Int, sample: Int) async throws {
            let problem = definition.problems[index]
            let values = try parameters.values(for: problem)
            let seed = definition.seed(of: problem, sample: sample)
            let outcome = try await outcome(of: problem, sample, values, seed)
            // A run that was stopped on the way has come to nothing yet.
            if outcome.status == .interrupted || outcome.status == .running { throw CancellationError() }
            var item = EvaluationItem(
                problem: index, sample: sample, run: outcome.run, status: outcome.status, answer: outcome.answer,
                usage: outcome.spending.usage, toolCalls: outcome.spending.toolCalls,
                seconds: outcome.duration / .seconds(1), failure: Self.failure(of: outcome))
            if item.seconds == 0 { item.seconds = try await recordedSeconds(of: outcome.run) }
            item = item.scored(by: verifier, on: problem)
            if let path = definition.scoring.confidence {
                item.confidence = try await StepValue(path).number(in: outcome.run, setup.journal)
                    .map { min(max($0, 0), 1) }
            }
            try await log.append(
                [item], time: setup.clock.wallTime, process: setup.process.process, elapsed: tally.elapsed)
            tally.count(item)
        }

        private static func failure(of outcome: RunOutcome) -> String? {
            if let failure = outcome.failure { return failure.message }
            switch outcome.status {
            case .approvalRequired: return "waits for a person: \(outcome.pending?.question ?? "")"
            case .failed: return "the run failed"
            case .cancelled: return "the run was cancelled"
            default: return nil
            }
        }

        /// Runs the playbook, or goes on with the run that was under way when an earlier process died.
        private func outcome(
            of problem: Problem, _ sample: Int, _ values: JSONValue.Members, _ seed: UInt64
        ) async throws -> RunOutcome {
            var attempt = 0
            while true {
                let name = FixedIdentifier("\(log.id)/\(problem.id)/\(sample)/\(attempt)")
                var setup = setup
                setup.identifiers = name
                let driver = RunDriver(setup)
                let run = name.makeRunID()
                guard try await begun(run) != nil else {
                    let outcome = try await driver.run(plan, parameters: values, seed: seed)
                    if let failure = outcome.failure, Self.isNoFaultOfTheItem(failure) { throw failure }
                    return outcome
                }
                if try await hasBeginning(run) {
                    let outcome = try await driver.resume(run, plan: plan)
                    if !(outcome.failure.map(Self.isNoFaultOfTheItem) ?? false) { return outcome }
                } else {
                    // Killed between the record and its first event: there is nothing to go on with.
                    try await setup.journal.claim(run, owner: setup.process)
                    try await setup.journal.update(run, status: .failed, answer: nil)
                }
                attempt += 1
            }
        }

        private func begun(_ run: RunID) async throws -> RunRecord? {
            do {
                return try await setup.journal.run(run)
            } catch let error as JournalError where error.code == .unknownRun {
                return nil
            }
        }

        private func hasBeginning(_ run: RunID) async throws -> Bool {
            try await setup.journal.lastSequence(in: run) > 0
        }

        /// Whether every other item would fail in the same way.
        private static func isNoFaultOfTheItem(_ failure: any StoaError) -> Bool {
            failure.kind == .unreachable || failure.kind == .noSandbox
        }

        /// How long a run took whose end this process did not see.
        private func recordedSeconds(of run: RunID) async throws -> Double {
            let end = try await setup.journal.lastSequence(in: run)
            guard let last = try await setup.journal.events(in: run, after: end - 1, limit: 1).first else { return 0 }
            let started = try await setup.journal.run(run).started.nanosecondsSinceEpoch
            return Double(max(0, last.observation.time.nanosecondsSinceEpoch - started)) / 1e9
        }
    }
}

/// Gives one name, again and again.
private struct FixedIdentifier: IdentifierSource {
    private let bits: UInt64

    init(_ text: String) {
        bits = SHA256Digest(hashing: text.utf8).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    func next() -> UInt64 { bits }
}

/// Counts items as they come.
private final class Tally: Sendable {
    private let state: Guarded<EvaluationProgress>
    private let clock: any TimeSource
    private let start: Duration
    private let before: Double
    private let observer: (any EvaluationObserver)?

    init(_ content: EvaluationLog.Content, clock: any TimeSource, observer: (any EvaluationObserver)?) {
        self.clock = clock
        self.observer = observer
        start = clock.now
        before = content.elapsed
        let items = content.items
        let progress = EvaluationProgress(
            done: items.count, total: content.definition.problems.count * content.definition.samples,
            correct: items.count { $0.isCorrect }, failed: items.count { $0.isFailed }, elapsed: content.elapsed,
            own: 0)
        state = Guarded(progress)
        observer?.observe(progress)
    }

    var elapsed: Double { before + (clock.now - start) / .seconds(1) }

    func count(_ item: EvaluationItem) {
        let elapsed = elapsed
        let progress = state.withLock { progress in
            progress.done += 1
            progress.own += 1
            progress.correct += item.isCorrect ? 1 : 0
            progress.failed += item.isFailed ? 1 : 0
            progress.elapsed = elapsed
            return progress
        }
        observer?.observe(progress)
    }
}
