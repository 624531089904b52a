internal import OrderedCollections
internal import StoaCore

/// Carries out the actions of one piece of work and gives back what came of them.
///
/// Events are gathered and committed together: reads with the intent of the effect they lead to, an effect's result with
/// the message that it leads to.
struct WorkShell {
    let agent: AgentID
    let plan: PlanAgent
    let world: AgentWorld
    let assignment: Assignment
    /// The work's name with the turn of the next effect.
    private(set) var key: EffectKey
    /// Events that wait to be committed.
    var pending: [Event] = []
    private var details: JSONValue = .emptyObject
    private var readEvents: [EventKey] = []
    var spending = Spending()
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
        case .ask(let request, let isAside): return try await attempt(request, isAside: isAside)
        case .seek(let request, let seeking): return try await attempt(request, seeking)
        case .think(let request, let thinking): return .thought(try await think(request, thinking))
        case .seekApproval(let question): return .approved(try await seekApproval(question))
        case .call(let request): return try await call(request)
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
    mutating func perform<Value: Sendable>(_ effect: Effect<Value>, within timeout: Duration?) async throws -> Value {
        let (before, observed) = (pending, details)
        (pending, details) = ([], .emptyObject)
        var reached: Int?
        let (limits, clock) = (assignment.timeLimits, world.clock)
        let causes = completed.map { [$0] } ?? readEvents
        let performed = try await world.performer.perform(
            effect, before: before, details: observed, causes: causes, timeout: timeout,
            after: completed ?? assignment.after
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

    private func progress(isShown: Bool = true) -> @Sendable (ModelProgress) -> Void {
        guard isShown else { return { _ in } }
        let (observer, run, key) = (world.observer, world.run, assignment.key)
        return { observer.observe(RunUpdate(run: run, effect: key, change: .progress($0))) }
    }

    /// Asks a model; where it is asked again, as far as its budget goes.
    private mutating func attempt(
        _ asked: ModelRequest, _ seeking: LatentSeeking? = nil, isAside: Bool = false
    ) async throws -> AgentEvent {
        let call = key
        guard var ledger = assignment.method?.ledger ?? assignment.turn.ledger, spending != Spending() else {
            return .replied(try await ask(asked, seeking, isAside: isAside, isCut: assignment.isCut), by: call)
        }
        ledger.book(spending, agent: plan.name)
        var request = asked
        if let (limit, _) = ledger.exhausted(for: plan.name, before: .say) { return .limited(limit) }
        if let left = ledger.decodable(for: plan.name), left < asked.maximumTokens {
            // Searches of one answer are only one search if all of them may be equally long.
            guard seeking == nil else {
                return .limited(ledger.shortage(for: plan.name))
            }
            request.maximumTokens = left
        }
        do {
            let isCut = request.maximumTokens < asked.maximumTokens
            return .replied(try await ask(request, seeking, isAside: isAside, isCut: isCut), by: call)
        } catch let signal as LimitSignal {
            return .limited(signal.limit)
        }
    }

    private mutating func ask(
        _ asked: ModelRequest, _ seeking: LatentSeeking? = nil, isAside: Bool, isCut: Bool
    ) async throws -> ModelReply {
        let (model, identity) = try model()
        let translates = try checkLatents(asked, identity)
        var request = asked
        // The searches of one piece of work are one: they begin with the same chance.
        request.seed = (seeking == nil ? key : assignment.key).seedPath(seed: world.seed)
        request.date = world.started
        seed = request.seed
        let progress = progress(isShown: !isAside)
        let (world, key, ready) = (world, key, request)
        let name = plan.model
        // A method goes on with the very tokens.
        let needsTokens = assignment.method != nil
        var reply = try await perform(
            Effect(
                key: key, actor: agent, repetition: identity.provider == .remote ? .remote : .computable,
                intent: ModelCallRecord.intent(request, model: name, translates: translates).seeking(seeking),
                encode: { ModelCallRecord.result($0, isStored: world.storesLatents).sought(seeking != nil) },
                decode: {
                    let place = "\(key)/effect_completed"
                    return Kept(reply: try await ModelCallRecord.reply($0, in: place, $1, needsTokens: needsTokens))
                },
                observe: { $0.reply.details },
                perform: {
                    let asked = try await world.shelf.ready(ready, name, model, translates: translates)
                    let optimiser = try seeking.map { _ in try Self.optimiser(model, name) }
                    let reply = try await world.scheduler.withSlot(for: name) {
                        guard let seeking, let optimiser else {
                            return try await model.complete(asked, progress: progress)
                        }
                        return try await optimiser.seek(asked, seeking, progress: progress)
                    }
                    try TokenMask.check(reply, of: model)
                    guard asked.keepsLatent else { return Kept(reply: reply) }
                    return Kept(reply: reply, bytes: try await Self.keep(reply.latent, of: model, name, key, world))
                }), within: assignment.timeout
        ).reply
        // A method is told that it was the budget that cut a reply short; of other work its message says so.
        if isCut, seeking == nil, reply.finish == .length, assignment.method != nil { reply.finish = .limit }
        if isRecorded { progress(.text(reply.text)) }
        if let latent = reply.latent { await world.shelf.note(latent, madeBy: .call(key)) }
        book(reply.usage.logical, identity)
        return reply
    }

    private static func optimiser(_ model: any LanguageModel, _ name: String) throws -> any LatentOptimiser {
        guard let optimiser = model as? any LatentOptimiser else {
            throw EffectFailure(
                kind: .badInput, message: "model \(name) (\(model.identity.name)) cannot move its hidden states",
                hint: "use a model that runs in this process")
        }
        return optimiser
    }

    private mutating func think(_ asked: ModelRequest, _ thinking: Thinking) async throws -> LatentReply {
        let (model, identity) = try model()
        let translates = try checkLatents(asked, identity)
        var request = asked
        request.seed = key.seedPath(seed: world.seed)
        request.date = world.started
        seed = request.seed
        let (world, key, ready, progress) = (world, key, request, progress())
        let name = plan.model
        let reply = try await perform(
            Effect(
                key: key, actor: agent, repetition: identity.provider == .remote ? .remote : .computable,
                intent: ModelCallRecord.intent(request, model: name, thinking: thinking, translates: translates),
                encode: { ModelCallRecord.result($0, isStored: world.storesLatents) },
                decode: { Kept(reply: try await ModelCallRecord.thought($0, in: "\(key)/effect_completed", $1)) },
                observe: { $0.reply.details },
                perform: {
                    let latent = try LatentShelf.latentModel(model, name)
                    let asked = try await world.shelf.ready(ready, name, model, translates: translates)
                    let reply = try await world.scheduler.withSlot(for: name) {
                        try await latent.think(asked, thinking, progress: progress)
                    }
                    return Kept(reply: reply, bytes: try await Self.keep(reply.latent, of: model, name, key, world))
                }), within: assignment.timeout
        ).reply
        await world.shelf.note(reply.latent, madeBy: .call(key))
        book(reply.usage.logical, identity)
        return reply
    }

    /// Has the shelf keep a latent that was made just now, and gives its bytes where they belong to the record.
    private static func keep(
        _ latent: LatentHandle?, of model: any LanguageModel, _ name: String, _ key: EffectKey, _ world: AgentWorld
    ) async throws -> [UInt8]? {
        let model = try LatentShelf.latentModel(model, name)
        guard let latent else {
            throw MemoryError.notLatent(
                "\(key): expected the latent of a reply, found none", hint: "the model \(name) does not keep any")
        }
        await world.shelf.keep(latent, of: model, madeBy: .call(key))
        return world.storesLatents ? try await world.shelf.bytes(of: latent, model) : nil
    }

    /// Refuses latents of other models, unless the step has them mapped to this one's space.
    ///
    /// - Returns: whether some are mapped.
    private func checkLatents(_ request: ModelRequest, _ identity: ModelIdentity) throws -> Bool {
        guard let foreign = request.context.first(where: { $0.modelFingerprint != identity.fingerprint }) else {
            return false
        }
        let error: MemoryError? =
            if !assignment.turn.translates {
                .modelMismatch(foreign, agent: agent, model: identity)
            } else if request.base != nil {
                .foreignBase(foreign, agent: agent, model: identity)
            } else {
                nil
            }
        if let error { throw WorkFailure(failure: EffectFailure(error)) }
        return true
    }

    private mutating func book(_ usage: Usage, _ identity: ModelIdentity) {
        spending.usage += usage
        spending.turns += 1
        if let price = world.prices[plan.model] {
            spending.money +=
                (Double(usage.prefillTokens) * price.inputPrice + Double(usage.decodedTokens) * price.outputPrice) / 1e6
        }
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
