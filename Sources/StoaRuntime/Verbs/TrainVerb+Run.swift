internal import OrderedCollections
internal import StoaCore

extension TrainVerb {
    /// Has the agent's model trained.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let entry = try conductor.agent(agent)
        let settings = try await conductor.settings(training, of: step.id, in: frame)
        let start = try await conductor.adapter(start, of: "\(step.id).from", in: frame)
        let reference = try await conductor.adapter(reference, of: "\(step.id).reference", in: frame)
        var system: String?
        if let text = entry.system { system = try await conductor.render(text, in: frame) }
        let reader = TrainingSourceReader(
            subject: "\(step.id).on", system: system, compares: settings.loss != StepTraining.likelihood,
            loss: settings.loss)
        let sources = try reader.sources(in: try await conductor.evaluate(examples, in: frame))
        let key = frame.key(step, agent: agent)
        var value = TrainingRecord.nothing(from: start, agent: agent)
        var events: [Event] = []
        var cause: EventKey?
        if !sources.isEmpty {
            let request = TrainingRequest(
                examples: [], start: start, reference: reference, settings: settings,
                seed: key.seedPath(seed: conductor.world.seed))
            let done = try await conductor.train(entry, on: sources, request, at: key, within: timeout, in: &frame)
            value = TrainingRecord.value(done.reply, examples: sources.count, agent: agent)
            (events, cause) = (done.events, done.cause)
        }
        let message = try await conductor.post(
            value, topic: step.id, at: key, before: events, cause: cause, in: &frame)
        frame.scope[step.id] = .message(message)
    }
}

extension Conductor {
    /// Has an agent's model trained, once and for all.
    ///
    /// - Parameters:
    ///   - agent: the agent.
    ///   - sources: what is learned.
    ///   - request: how; its examples are read from the sources where the training begins.
    ///   - key: the work's name.
    ///   - timeout: how long it may take.
    ///   - frame: where the step is.
    /// - Returns: what came of it, the event that says so where it is not recorded yet, and its name.
    /// - Throws: `WorkFailure`, `LimitSignal`, `CancellationError`, `JournalError`, `ReplayStop`.
    fileprivate func train(
        _ agent: PlanAgent, on sources: [TrainingSource], _ request: TrainingRequest, at key: EffectKey,
        within timeout: Duration?, in frame: inout Frame
    ) async throws -> (reply: TrainingReply, events: [Event], cause: EventKey) {
        let (world, name) = (world, agent.model)
        let samples = SampleReader(recorder: world.performer.recorder, model: name, identities: world.identities)
        let effect = Effect(
            key: key, actor: AgentID(agent.name), repetition: .computable,
            intent: TrainingRecord.intent(request, sources, model: name), encode: { TrainingRecord.result($0) },
            decode: { try await TrainingRecord.reply($0, in: "\(key)/effect_completed", $1) },
            observe: { ["seconds": .number($0.duration / .seconds(1))] },
            perform: {
                guard let trainer = world.trainers[name] else { throw EffectFailure.noTrainer(of: name) }
                var ready = request
                for source in sources { ready.examples.append(try await samples.example(source)) }
                let started = world.clock.now
                var reply = try await trainer.train(ready) { progress in
                    world.observer.observe(RunUpdate(run: world.run, effect: key, change: .training(progress)))
                }
                reply.duration = world.clock.now - started
                return reply
            })
        report(.working(activity: TrainVerb.keyword), at: key)
        let limits = frame.ledger.timeLimits(for: agent.name)
        var reached: Int?
        let performed = try await world.performer.perform(effect, before: [], timeout: timeout, after: frame.last) {
            let now = world.clock.now
            for limit in limits {
                guard let found = limit.reached(at: now) else { continue }
                reached = limit.account
                return found
            }
            return nil
        }
        frame.last = performed.event.key
        let events = performed.isRecorded ? [] : [performed.event]
        switch performed.outcome {
        case .value(let reply):
            var spending = Spending()
            spending.workingTime = .seconds(performed.details["seconds"]?.doubleValue ?? 0)
            frame.ledger.book(spending, agent: agent.name)
            report(.worked(usage: .zero, duration: spending.workingTime, isRecorded: performed.isRecorded), at: key)
            if frame.branch.isEmpty { report(.spending(frame.ledger.total, budget: plan.budget)) }
            return (reply, events, performed.event.key)
        case .failed(let failure):
            try await world.performer.recorder.commit(events)
            throw WorkFailure(failure: failure)
        case .limit(let limit):
            try await world.performer.recorder.commit(events)
            // A recorded limit names its scope; the account is found by it.
            let account = reached ?? limits.first { $0.scope == limit.scope && $0.limit == limit.limit }?.account ?? 0
            throw LimitSignal(limit: limit, account: account)
        }
    }
}

extension EffectFailure {
    /// A model that there is no trainer for.
    static func noTrainer(of model: String) -> EffectFailure {
        EffectFailure(
            kind: .badInput, message: "model \(model): a step trains it, and there is no trainer for it",
            hint: "adapters are trained of models that run in this process")
    }
}
