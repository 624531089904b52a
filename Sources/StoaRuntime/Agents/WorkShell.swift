internal import OrderedCollections
internal import StoaCore

/// Carries out the actions of one piece of work and gives back what came of them.
///
/// Events are gathered and committed together: reads with the intent of the effect they lead to, an effect's result with
/// the message that it leads to.
struct WorkShell {
    private let agent: AgentID
    private let plan: PlanAgent
    private let world: AgentWorld
    private let assignment: Assignment
    /// The work's name with the turn of the next effect.
    private var key: EffectKey
    /// Events that wait to be committed.
    private var pending: [Event] = []
    private var details: JSONValue = .emptyObject
    private var readEvents: [EventKey] = []
    private(set) var spending = Spending()
    /// Whether everything so far was taken from the record.
    private(set) var isRecorded = true
    private var causes: [EventKey] = []
    /// The last effect, which the message that follows is caused by.
    private var completed: EventKey?
    private var seed: SeedPath?

    init(agent: AgentID, plan: PlanAgent, world: AgentWorld, assignment: Assignment) {
        self.agent = agent
        self.plan = plan
        self.world = world
        self.assignment = assignment
        key = assignment.key
    }

    func report(_ change: RunUpdate.Change) {
        world.observer.observe(RunUpdate(run: world.run, effect: assignment.key, change: change))
    }

    mutating func carryOut(_ action: AgentAction) async throws -> AgentEvent {
        switch action {
        case .read(let ids): return .read(try await read(ids))
        case .ask(let request): return .replied(try await ask(request))
        case .think(let request, let steps): return .thought(try await think(request, steps: steps))
        case .seekApproval(let question): return .approved(try await seekApproval(question))
        case .call(let call, let isIdempotent): return .returned(try await run(call, isIdempotent: isIdempotent))
        case .judge(let request, let verifier): return .judged(try judge(request, verifier))
        case .post(let kind, let payload, let usage): return .posted(try await post(kind, payload, usage))
        case .finish(let message): return .posted(message)
        }
    }

    // MARK: - Memory

    private mutating func read(_ ids: [EventKey]) async throws -> [Message] {
        guard !ids.isEmpty else { return [] }
        let messages: [Message]
        do {
            messages = try await world.memory.read(ids, as: agent)
        } catch let error as MemoryError {
            throw WorkFailure(failure: EffectFailure(error))
        }
        causes += ids
        let key = EventKey(assignment.key, .messagesRead, ordinal: readEvents.count)
        let list = JSONValue.array(ids.map { .string($0.description) })
        pending.append(Event(key: key, actor: agent, payload: ["messages": list], causes: ids))
        readEvents.append(key)
        return messages
    }

    private mutating func post(_ kind: MessageKind, _ payload: JSONValue, _ usage: Usage) async throws -> EventKey {
        let id = EventKey(assignment.key, .messagePosted)
        let message = Message(
            id: id, run: world.run, from: agent, destination: .topic(assignment.key.node), kind: kind,
            payload: payload, causes: causes, usage: usage, seed: seed,
            modelFingerprint: seed == nil ? nil : world.identities[plan.model]?.fingerprint)
        try await world.memory.post(
            [message], before: pending, details: details, cause: completed, after: completed ?? assignment.after)
        pending = []
        details = .emptyObject
        return id
    }

    // MARK: - Effects

    /// Performs an effect and turns its outcome into a value or an error; its event waits for the next commit.
    private mutating func perform<Value: Sendable>(_ effect: Effect<Value>) async throws -> Value {
        let before = pending
        pending = []
        var reached: Int?
        let (limits, clock) = (assignment.timeLimits, world.clock)
        // Nobody hurries a person.
        let timeout = effect.repetition == .person ? nil : assignment.timeout
        let causes = completed.map { [$0] } ?? readEvents
        let performed = try await world.performer.perform(
            effect, before: before, causes: causes, timeout: timeout, after: completed ?? assignment.after
        ) {
            let now = clock.now
            for limit in limits {
                guard let found = limit.reached(at: now) else { continue }
                reached = limit.account
                return found
            }
            return nil
        }
        completed = performed.event.key
        key.turn += 1
        if !performed.isRecorded {
            pending.append(performed.event)
            isRecorded = false
        }
        details = performed.details
        if let seconds = performed.details["seconds"]?.doubleValue { spending.workingTime += .seconds(seconds) }
        switch performed.outcome {
        case .value(let value): return value
        case .failed(let failure):
            try await flush()
            throw WorkFailure(failure: failure)
        case .limit(let limit):
            try await flush()
            // A recorded limit names its scope; the account is found by it.
            let account = reached ?? limits.first { $0.scope == limit.scope && $0.limit == limit.limit }?.account ?? 0
            throw LimitSignal(limit: limit, account: account)
        }
    }

    private mutating func flush() async throws {
        try await world.performer.recorder.commit(pending, details: details)
        pending = []
        details = .emptyObject
    }

    private func model() throws -> (model: any LanguageModel, identity: ModelIdentity) {
        guard let model = world.models[plan.model], let identity = world.identities[plan.model] else {
            throw WorkFailure(
                failure: EffectFailure(
                    kind: .badInput, message: "agent \(agent): the run has no model named \(plan.model)"))
        }
        return (model, identity)
    }

    private func progress() -> @Sendable (ModelProgress) -> Void {
        let (observer, run, key) = (world.observer, world.run, assignment.key)
        return { observer.observe(RunUpdate(run: run, effect: key, change: .progress($0))) }
    }

    private mutating func ask(_ asked: ModelRequest) async throws -> ModelReply {
        let (model, identity) = try model()
        try checkLatents(asked, identity)
        var request = asked
        request.seed = key.seedPath(seed: world.seed)
        request.date = world.started
        seed = request.seed
        let (world, ready, place, progress) = (world, request, "\(key)/effect_completed", progress())
        let name = plan.model
        let reply = try await perform(
            Effect(
                key: key, actor: agent, repetition: identity.provider == .remote ? .remote : .computable,
                intent: ModelCallRecord.intent(request, model: plan.model), encode: { ModelCallRecord.result($0) },
                decode: { try await ModelCallRecord.reply($0, in: place, $1) }, observe: { $0.details },
                perform: {
                    var request = ready
                    request.context = try await world.shelf.ready(ready.context, name, model)
                    let asked = request
                    return try await world.scheduler.withSlot(for: name) {
                        try await model.complete(asked, progress: progress)
                    }
                }))
        if isRecorded { progress(.text(reply.text)) }
        book(reply.usage.logical, identity)
        return reply
    }

    private mutating func think(_ asked: ModelRequest, steps: Int) async throws -> LatentReply {
        let (model, identity) = try model()
        try checkLatents(asked, identity)
        seed = key.seedPath(seed: world.seed)
        let (world, key, place, progress) = (world, key, "\(key)/effect_completed", progress())
        let name = plan.model
        let reply = try await perform(
            Effect(
                key: key, actor: agent, repetition: identity.provider == .remote ? .remote : .computable,
                intent: ModelCallRecord.intent(asked, model: name, latentSteps: steps),
                encode: { ModelCallRecord.result($0) },
                decode: { try await ModelCallRecord.thought($0, in: place, $1) }, observe: { $0.details },
                perform: {
                    let latent = try LatentShelf.latentModel(model, name)
                    var request = asked
                    request.date = world.started
                    request.context = try await world.shelf.ready(asked.context, name, model)
                    let ready = request
                    let reply = try await world.scheduler.withSlot(for: name) {
                        try await latent.think(ready, steps: steps, progress: progress)
                    }
                    await world.shelf.keep(reply.latent, of: latent, madeBy: key)
                    return reply
                }))
        await world.shelf.note(reply.latent, madeBy: key)
        book(reply.usage.logical, identity)
        return reply
    }

    private func checkLatents(_ request: ModelRequest, _ identity: ModelIdentity) throws {
        for latent in request.context where latent.modelFingerprint != identity.fingerprint {
            throw WorkFailure(
                failure: EffectFailure(MemoryError.modelMismatch(latent, agent: agent, model: identity)))
        }
    }

    private mutating func book(_ usage: Usage, _ identity: ModelIdentity) {
        spending.usage += usage
        spending.turns += 1
        if let price = world.prices[plan.model] {
            spending.money +=
                (Double(usage.prefillTokens) * price.inputPrice + Double(usage.decodedTokens) * price.outputPrice) / 1e6
        }
    }

    private mutating func run(_ call: ToolCall, isIdempotent: Bool) async throws -> ToolResult {
        let (tools, clock) = (world.tools, world.clock)
        var content = Content()
        content.set("effect", "tool")
        content.set("tool", .string(call.name))
        content.set("arguments", call.arguments)
        let intent = content
        let effect =
            Effect(
                key: key, actor: agent, repetition: .tool, intent: intent, encode: { ToolRecord.result($0.result) },
                decode: { payload, _ in TimedResult(result: try ToolRecord.read(payload)) }, observe: { $0.details },
                interrupted: isIdempotent
                    ? nil
                    : TimedResult(
                        result: ToolResult(
                            status: .interrupted, output: "the process died while the tool ran")),
                perform: {
                    let start = clock.now
                    let result = try await tools.execute(call)
                    return TimedResult(result: result, duration: clock.now - start)
                })
        spending.toolCalls += 1
        do {
            return try await perform(effect).result
        } catch var failure as WorkFailure {
            failure.mayRepeat = isIdempotent
            throw failure
        }
    }

    private mutating func seekApproval(_ question: String) async throws -> Bool {
        let answer = try await perform(
            PersonRecord.effect(
                key: key, actor: agent, question: question, choices: ["yes", "no"], isApproval: true, world: world))
        return answer == "yes"
    }

    private func judge(_ request: VerificationRequest, _ name: String) throws -> Verdict {
        guard let verifier = world.verifiers[name] else {
            throw WorkFailure(
                failure: EffectFailure(
                    kind: .badInput, message: "agent \(agent): there is no verifier named \(name)",
                    hint: "there are: \(world.verifiers.keys.sorted().joined(separator: ", "))"))
        }
        return verifier.verify(request)
    }
}
