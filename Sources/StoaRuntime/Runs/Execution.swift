internal import OrderedCollections
internal import StoaCore

/// One execution of a run: the first, one that goes on, or one that follows the record.
struct Execution: Sendable {
    let plan: Plan
    let beginning: RunBeginning
    let setup: RunSetup
    let recorder: RunRecorder
    /// What a person has said since the run stopped to wait.
    var decisions: [EffectKey: String] = [:]
    /// Working time of the run before this execution.
    var elapsed = Duration.zero

    /// How an execution ended.
    struct End: Sendable {
        var status: RunStatus
        var answer: String?
        var ledger: Ledger
        var limit: LimitReached?
        var failure: EffectFailure?
        var pending: PendingDecision?
    }

    /// Executes the plan from its beginning to its end.
    ///
    /// - Returns: how it ended or, with a status that is not final, where it stopped.
    /// - Throws: `JournalError`, `ReplayStop`.
    func run() async throws -> End {
        let (clock, observer) = (setup.clock, setup.observer)
        let scheduler = Scheduler(models: setup.models)
        let shelf = LatentShelf(
            recorder: recorder, models: setup.models, scheduler: scheduler, seed: beginning.seed,
            started: beginning.started)
        let sessions = ToolSessions(run: recorder.run, seed: beginning.seed, tools: setup.tools)
        let memory = SharedMemory(run: recorder.run, recorder: recorder, shelf: shelf)
        let world = AgentWorld(
            run: recorder.run, seed: beginning.seed, started: beginning.started, memory: memory,
            performer: EffectPerformer(recorder: recorder, clock: clock), scheduler: scheduler,
            shelf: shelf, storesLatents: plan.latents == .store, models: setup.models, identities: beginning.models,
            prices: Dictionary(plan.models.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }),
            sessions: sessions, trainers: setup.trainers, verifiers: setup.verifiers, person: setup.person,
            decisions: decisions, clock: clock,
            observer: observer)
        let conductor = Conductor(
            plan: plan, world: world, supervisor: Supervisor(plan: plan, world: world))
        // What a loop hands out is granted to whoever works in it: `reads` is about parameters and steps.
        let loops = plan.allSteps.flatMap { $0.verb.blocks.flatMap(\.variables) }
        for (name, agent) in plan.agents {
            await memory.grant(agent.reads.map { plan.topics(for: $0) + loops }, to: name)
        }
        do {
            let end = try await run(conductor, memory)
            await sessions.close()
            await shelf.close()
            return end
        } catch {
            await sessions.close()
            await shelf.close()
            throw error
        }
    }

    private func run(_ conductor: Conductor, _ memory: SharedMemory) async throws -> End {
        var frame = Frame(
            ledger: Ledger(
                budget: plan.budget, agents: plan.agents.map { ($0.key, $0.value.budget) },
                start: setup.clock.now - elapsed))
        try await begin(conductor, memory, &frame)
        var end = End(status: .completed, answer: nil, ledger: frame.ledger)
        do {
            for (index, step) in plan.steps.enumerated() {
                try await conductor.run([step], in: &frame)
                await conductor.world.shelf.release(madeBy: plan.unnamed(after: index))
            }
            end.answer = try await conductor.render(plan.output, in: frame)
        } catch let signal as LimitSignal {
            try await conductor.note(signal.limit, at: beginning.key)
            end.status = .limit
            end.limit = signal.limit
            // What there is still counts: an answer that the steps so far already gave.
            let answer = try? await conductor.render(plan.output, in: frame)
            end.answer = answer.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
        } catch let failure as WorkFailure {
            end.status = .failed
            end.failure = failure.failure
        } catch let parked as Parked {
            return End(
                status: .approvalRequired, answer: nil, ledger: frame.ledger, pending: parked.decision)
        } catch is CancellationError {
            return End(status: .interrupted, answer: nil, ledger: frame.ledger)
        }
        end.ledger = frame.ledger
        try await finish(end)
        return end
    }

    /// Records the beginning and posts the parameters, in one transaction.
    private func begin(_ conductor: Conductor, _ memory: SharedMemory, _ frame: inout Frame) async throws {
        var messages: [Message] = []
        for parameter in plan.parameters {
            guard let value = beginning.parameters[parameter.name] else { continue }
            let ordinal = try await ordinal(of: parameter.name, value)
            let message = conductor.message(
                value, kind: .problem, topic: parameter.name, at: EffectKey(node: parameter.name), ordinal: ordinal)
            frame.scope[parameter.name] = .message(message.id)
            messages.append(message)
        }
        let events = [beginning.event]
        if messages.isEmpty {
            try await recorder.commit(events, details: beginning.details)
        } else {
            try await memory.post(messages, before: events, details: beginning.details)
        }
    }

    /// Which of several posts of a parameter counts: a fork posts what it changes once more, and shares the rest.
    private func ordinal(of parameter: String, _ value: JSONValue) async throws -> Int {
        for ordinal in (0...beginning.generation).reversed() {
            let key = EventKey(EffectKey(node: parameter), .messagePosted, ordinal: ordinal)
            guard let found = try await recorder.recorded(key) else { continue }
            let content = try await recorder.reader.whole(found).event.payload["content"]
            let isSame = content?.canonicalText == value.canonicalText
            return isSame ? ordinal : beginning.generation
        }
        return 0
    }

    private func finish(_ end: End) async throws {
        var content = Content()
        content.set("status", .string(end.status.rawValue))
        content.set("answer", end.answer.map { .string($0) } ?? .null)
        content.set("error", end.failure?.document)
        try await recorder.commit([
            Event(
                key: EventKey(beginning.key, .runFinished), actor: .conductor, payload: .object(content.document))
        ])
    }
}

extension Plan {
    /// Those of the steps up to one of the outermost whose latents no later step can name.
    ///
    /// A loop may name what it made in the round before, so nothing is let go of inside of the outermost steps: there the
    /// plan alone tells, and a latent that is wanted all the same is brought back.
    fileprivate func unnamed(after index: Int) -> Set<String> {
        let later = Set(steps[(index + 1)...].flatMap(\.descendants).flatMap(\.verb.names))
        let done = steps[...index].map { Set($0.descendants.map(\.id)) }
        return done.filter { $0.isDisjoint(with: later) }.reduce(into: []) { $0.formUnion($1) }
    }

    /// The topics whose messages stand behind names: a loop's value is made of what its iterations posted.
    fileprivate func topics(for names: [String]) -> [String] {
        let last = allSteps.reduce(into: [String: String]()) { last, step in
            if let loop = step.verb as? ForEachVerb { last[step.id] = loop.body.last?.id }
        }
        return names.flatMap { name in sequence(first: name) { last[$0] } }
    }
}
