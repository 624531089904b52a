public import OrderedCollections
public import StoaCore

/// Runs plans, goes on with runs that were stopped, branches them and replays them.
///
/// Isolation: everything runs in the caller's task and its children; when a method returns or throws, nothing of the run
/// goes on. Cancelling the caller stops the run within 100 ms in a state from which it can be resumed.
public struct RunDriver: Sendable {
    /// What its runs take from outside.
    public let setup: RunSetup

    /// Creates a driver.
    ///
    /// - Parameter setup: everything that runs take from outside.
    public init(_ setup: RunSetup) { self.setup = setup }

    // MARK: - Running

    /// Runs a plan.
    ///
    /// - Parameters:
    ///   - plan: what to carry out.
    ///   - parameters: its parameters, as `Plan.checkParameters` returned them.
    ///   - seed: the seed of all chance.
    /// - Returns: how it ended, or where it stopped.
    /// - Throws: `JournalError`, or another `StoaError` where the run could not even begin.
    public func run(_ plan: Plan, parameters: JSONValue.Members, seed: UInt64) async throws -> RunOutcome {
        try checkTraining(plan)
        let beginning = try begin(plan, parameters, seed: seed, generation: 0)
        let id = setup.identifiers.makeRunID()
        try await setup.journal.create(
            RunRecord(id: id, playbook: plan.name, started: beginning.started, owner: setup.process))
        let recorder = recorder(id, .record)
        return try await conclude(Execution(plan: plan, beginning: beginning, setup: setup, recorder: recorder))
    }

    private func begin(
        _ plan: Plan, _ parameters: JSONValue.Members, seed: UInt64, generation: Int
    ) throws -> RunBeginning {
        var identities: [String: ModelIdentity] = [:]
        for name in plan.models.keys { identities[name] = setup.models[name]?.identity }
        return RunBeginning(
            playbook: plan.document, parameters: parameters,
            records: plan.parameters.filter { $0.type == .records }.map(\.name), seed: seed, models: identities,
            started: setup.clock.wallTime, generation: generation)
    }

    private func recorder(
        _ run: RunID, _ mode: RunRecorder.Mode, inherited: Int = 0, generation: Int = 0, recordedEnd: Int = 0,
        isComplete: Bool = false
    ) -> RunRecorder {
        RunRecorder(
            run: run, mode: mode, journal: setup.journal, clock: setup.clock, process: setup.process,
            observer: setup.observer, inherited: inherited, generation: generation, recordedEnd: recordedEnd,
            isComplete: isComplete)
    }

    // MARK: - Going on

    /// Goes on with a run that was stopped: killed, interrupted, or waiting for a person.
    ///
    /// No effect that is recorded as completed is performed again.
    ///
    /// - Parameters:
    ///   - run: the run; one that has ended gives its outcome once more.
    ///   - plan: its plan, made of the playbook in its beginning.
    ///   - decision: what a person says to what it waits for.
    /// - Returns: how it ended, or where it stopped.
    /// - Throws: `JournalError.owned` where another process works on it; `EffectFailure` of kind `.divergence` where the
    ///   record and this program disagree.
    public func resume(_ run: RunID, plan: Plan, decision: PersonDecision? = nil) async throws -> RunOutcome {
        let beginning = try await RunBeginning.of(run, in: setup.journal)
        var record = try await setup.journal.run(run)
        if !record.status.isFinal {
            try checkModels(beginning)
            try checkTraining(plan)
            try await setup.journal.claim(run, owner: setup.process)
            // Another process may have ended it before the lease was ours.
            record = try await setup.journal.run(run)
            if record.status.isFinal {
                try await setup.journal.update(run, status: record.status, answer: record.answer)
            }
        }
        let end = try await setup.journal.lastSequence(in: run)
        guard !record.status.isFinal else { return try await finished(record, plan, beginning, end) }
        try await setup.journal.update(run, status: .running, answer: nil)
        let recorder = recorder(
            run, .record, inherited: record.parent?.sequence ?? 0, generation: beginning.generation, recordedEnd: end)
        let elapsed = try await markResumed(run, beginning, recorder, end)
        var execution = Execution(plan: plan, beginning: beginning, setup: setup, recorder: recorder)
        execution.elapsed = elapsed
        switch decision {
        case .approve(let key)?: execution.decisions[key] = "yes"
        case .deny(let key)?: execution.decisions[key] = "no"
        case .answer(let key, let text)?: execution.decisions[key] = text
        case nil: break
        }
        return try await conclude(execution, isResumed: true)
    }

    /// The outcome of a run that has ended, from its record alone.
    private func finished(
        _ record: RunRecord, _ plan: Plan, _ beginning: RunBeginning, _ end: Int
    ) async throws -> RunOutcome {
        var quiet = setup
        quiet.observer = NoObserver()
        let recorder = RunRecorder(
            run: record.id, mode: .replay(.strict), journal: setup.journal, clock: setup.clock, process: setup.process,
            observer: NoObserver(), inherited: record.parent?.sequence ?? 0, generation: beginning.generation,
            recordedEnd: end, isComplete: true)
        let execution = Execution(plan: plan, beginning: beginning, setup: quiet, recorder: recorder)
        do {
            let end = try await execution.run()
            guard end.status.isFinal else { throw CancellationError() }
            return outcome(execution, end, duration: .zero)
        } catch ReplayStop.diverged(let divergence) {
            throw Self.failure(divergence, record.id)
        }
    }

    private func checkModels(_ beginning: RunBeginning) throws {
        for (name, recorded) in beginning.models.sorted(by: { $0.key < $1.key }) {
            guard let identity = setup.models[name]?.identity else { continue }
            guard identity.fingerprint == recorded.fingerprint else {
                throw EffectFailure(
                    kind: .badInput,
                    message: "model \(name): the run was made with \(recorded.name) (\(recorded.fingerprint)), found "
                        + "\(identity.name) (\(identity.fingerprint))",
                    hint: "give the model and the precision that the run was made with")
            }
        }
    }

    /// Refuses a plan whose adapters are not looked up, or that trains what cannot be trained, before anything begins.
    private func checkTraining(_ plan: Plan) throws {
        if let name = plan.namedAdapters.first {
            throw EffectFailure(
                kind: .badInput,
                message: "adapter \(JSONText.quoted(name)): expected a digest of 64 hexadecimal digits, found a name",
                hint: "the program looks up adapters by their paths before a run begins")
        }
        for name in plan.certainlyTrainedModels where setup.trainers[name] == nil {
            throw EffectFailure.noTrainer(of: name)
        }
    }

    /// Notes the takeover and says how long the run has worked before.
    private func markResumed(
        _ run: RunID, _ beginning: RunBeginning, _ recorder: RunRecorder, _ end: Int
    ) async throws -> Duration {
        var start = beginning.started
        var before = Duration.zero
        var ordinal = 0
        while let found = try await setup.journal.event(
            EventKey(beginning.key, .runResumed, ordinal: ordinal), in: run)
        {
            start = found.observation.time
            before = .seconds(found.event.payload["elapsed"]?.doubleValue ?? 0)
            ordinal += 1
        }
        if let last = try await setup.journal.events(in: run, after: end - 1, limit: 1).first {
            before += .nanoseconds(
                max(0, last.observation.time.nanosecondsSinceEpoch - start.nanosecondsSinceEpoch))
        }
        try await recorder.commit([
            Event(
                key: EventKey(beginning.key, .runResumed, ordinal: ordinal), actor: .conductor,
                payload: ["elapsed": .number(before / .seconds(1))], isObservation: true)
        ])
        return before
    }

    // MARK: - Branching

    /// Branches a run: a new run that shares what happened up to an event and goes on from there.
    ///
    /// - Parameters:
    ///   - run: the run to branch.
    ///   - sequence: the last event that both have.
    ///   - plan: the plan of the branch; it may differ from the parent's.
    ///   - parameters: the parameters of the branch.
    /// - Returns: how the branch ended, or where it stopped.
    /// - Throws: `JournalError.unknownEvent` where the parent has no such event.
    public func fork(
        _ run: RunID, at sequence: Int, plan: Plan, parameters: JSONValue.Members
    ) async throws -> RunOutcome {
        let last = try await setup.journal.lastSequence(in: run)
        guard 1...max(1, last) ~= sequence, last > 0 else {
            throw JournalError(
                .unknownEvent, kind: .usage, "run \(run): expected an event from 1 to \(last), found --at \(sequence)",
                hint: "stoa log show \(run) lists the events")
        }
        try checkTraining(plan)
        let parent = try await RunBeginning.of(run, in: setup.journal)
        var beginning = try begin(plan, parameters, seed: parent.seed, generation: parent.generation + 1)
        beginning.started = parent.started
        let id = setup.identifiers.makeRunID()
        try await setup.journal.create(
            RunRecord(
                id: id, playbook: plan.name, started: setup.clock.wallTime,
                parent: RunRecord.Fork(run: run, sequence: sequence), owner: setup.process))
        let recorder = recorder(
            id, .record, inherited: sequence, generation: beginning.generation, recordedEnd: sequence)
        return try await conclude(Execution(plan: plan, beginning: beginning, setup: setup, recorder: recorder))
    }

    // MARK: - Replaying

    /// Executes a recorded run again.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - plan: its plan, made of the playbook in its beginning.
    ///   - mode: `strict`, `recompute` or `tools`; `trace` executes nothing and finds nothing.
    /// - Returns: what was compared, and the first difference.
    /// - Throws: `JournalError`; what is broken outside of the run, such as a model that cannot be reached.
    public func replay(_ run: RunID, plan: Plan, mode: ReplayMode) async throws -> ReplayReport {
        let record = try await setup.journal.run(run)
        let beginning = try await RunBeginning.of(run, in: setup.journal)
        let end = try await setup.journal.lastSequence(in: run)
        if mode == .recompute {
            try checkModels(beginning)
            try checkTraining(plan)
        }
        let finishedKey = EventKey(beginning.key, .runFinished)
        let recorder = recorder(
            run, .replay(mode), inherited: record.parent?.sequence ?? 0, generation: beginning.generation,
            recordedEnd: end, isComplete: try await setup.journal.event(finishedKey, in: run) != nil)
        guard mode != .trace else { return try await recorder.report(mode, isWhole: false) }
        let execution = Execution(plan: plan, beginning: beginning, setup: setup, recorder: recorder)
        var isWhole = true
        do {
            let end = try await execution.run()
            guard end.status.isFinal else { throw CancellationError() }
        } catch ReplayStop.diverged {
            isWhole = false
        } catch ReplayStop.recordEnds {
            // Everything up to here must have been come by.
        }
        return try await recorder.report(mode, isWhole: isWhole)
    }

    // MARK: - Ends

    /// Executes, and leaves the run in the journal in the state that it ended or stopped in.
    private func conclude(_ execution: Execution, isResumed: Bool = false) async throws -> RunOutcome {
        let run = execution.recorder.run
        let start = setup.clock.now
        func report(_ change: RunUpdate.Change) { setup.observer.observe(RunUpdate(run: run, change: change)) }
        report(.started(playbook: execution.plan.name, seed: execution.beginning.seed, resumed: isResumed))
        do {
            let end = try await execution.run()
            if !end.status.isFinal { try await suspend(execution, end.status) }
            try await setup.journal.update(run, status: end.status, answer: end.answer)
            report(.ended(end.status))
            return outcome(execution, end, duration: setup.clock.now - start + execution.elapsed)
        } catch ReplayStop.diverged(let divergence) {
            try await setup.journal.update(run, status: .interrupted, answer: nil)
            throw Self.failure(divergence, run)
        } catch let error where EffectPerformer.neverBegan(error) {
            try await suspend(execution, .interrupted)
            try await setup.journal.update(run, status: .interrupted, answer: nil)
            throw error
        }
    }

    /// Notes that this execution stops here.
    private func suspend(_ execution: Execution, _ status: RunStatus) async throws {
        let run = execution.recorder.run
        let key = execution.beginning.key
        var ordinal = 0
        while try await setup.journal.event(EventKey(key, .runSuspended, ordinal: ordinal), in: run) != nil {
            ordinal += 1
        }
        let event = Event(
            key: EventKey(key, .runSuspended, ordinal: ordinal), actor: .conductor,
            payload: ["status": .string(status.rawValue)], isObservation: true)
        try await setup.journal.append(
            [event], observation: Observation(time: setup.clock.wallTime, process: setup.process.process), to: run)
    }

    private func outcome(_ execution: Execution, _ end: Execution.End, duration: Duration) -> RunOutcome {
        RunOutcome(
            run: execution.recorder.run, status: end.status, answer: end.answer, duration: duration,
            spending: end.ledger.total,
            agents: execution.plan.agents.keys.compactMap { name in
                guard let spent = end.ledger.agents[name]?.spent, spent != Spending() else { return nil }
                return RunOutcome.AgentReport(agent: name, spending: spent)
            },
            models: execution.beginning.models, seed: execution.beginning.seed, limit: end.limit,
            pending: end.pending, failure: end.failure)
    }

    private static func failure(_ divergence: ReplayReport.Divergence, _ run: RunID) -> EffectFailure {
        EffectFailure(
            kind: .divergence,
            message:
                "run \(run): differs from its record at event \(divergence.sequence), \(divergence.path): recorded "
                + "\(divergence.recorded?.canonicalText ?? "nothing"), found "
                + "\(divergence.replayed?.canonicalText ?? "nothing")",
            hint: "this program or a file of the run is not what it was: stoa replay \(run) --mode strict says more")
    }
}
