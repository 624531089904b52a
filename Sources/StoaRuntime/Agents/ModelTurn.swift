internal import OrderedCollections
internal import StoaCore

/// One exchange with a model: read, ask, post.
///
/// What agents that speak have in common.
struct ModelTurn: Sendable {
    private let profile: AgentProfile
    /// What kind of message its words are.
    private let kind: MessageKind
    /// What it was asked and what it said before, where it keeps that.
    private var conversation: [ChatMessage] = []
    private var assignment: Assignment?
    /// The method that is followed, while it is.
    private var method: MethodTurn?
    /// What becomes of a reply that is not what the step wants; nil where any words will do.
    private var repair: ReplyRepair?
    private var prompt = ""
    private var words = ""
    /// The words of others that stood in front of the prompt.
    private var heard: [HandedWords] = []

    init(_ profile: AgentProfile, posting kind: MessageKind) {
        self.profile = profile
        self.kind = kind
    }

    /// Whether the turn takes an event: its own assignments and what follows from them.
    func takes(_ task: Assignment.Task) -> Bool {
        switch task {
        case .say, .think: true
        case .call, .verify: false
        }
    }

    mutating func step(_ event: AgentEvent) throws -> [AgentAction] {
        switch event {
        case .assigned(let assignment):
            self.assignment = assignment
            (method, repair) = (nil, nil)
            let names =
                (profile.agent.system?.names ?? []) + (try text(of: assignment).names)
                + (assignment.method?.texts.flatMap(\.text.names) ?? [])
            var seen: Set<EventKey> = []
            let needed = assignment.scope.restricted(to: names).messages + assignment.turn.messages
            return [.read(needed.filter { seen.insert($0).inserted })]
        case .read(let messages): return try ask(messages)
        case .replied(let reply, let call):
            words = reply.text
            if method != nil {
                method?.note(reply, of: call)
                return try follow(.replied(reply))
            }
            if let again = repair?.take(reply, of: call) { return [.ask(again)] }
            return [said(reply, of: call, usage: (repair?.usage ?? .zero) + reply.usage.logical)]
        case .thought(let reply):
            words = ""
            return [
                .post(
                    .latent,
                    payload: [
                        "latent": reply.latent.document, "agent": .string(profile.agent.name),
                        "steps": .integer(Int64(reply.usage.latentSteps)), "halt": .string(halt(reply)),
                        "channel": .string(ThinkVerb.Channel.latent.rawValue),
                    ], usage: reply.usage.logical)
            ]
        case .limited(let limit):
            // Nothing is left to have a reply mended with.
            if method == nil, let repair, let refused = repair.refused {
                words = refused.reply.text
                return [said(refused.reply, of: refused.call, usage: repair.usage)]
            }
            return try follow(.limited(limit))
        case .judged(let verdict): return try follow(.judged(verdict))
        case .returned(let result): return try follow(.returned(result))
        case .approved(let isApproved):
            return try follow { try $0.decided(isApproved, agent: $1, posting: $2) }
        case .posted(let message):
            // A thought has no words that could be answered with.
            if profile.agent.memory == .conversation, assignment?.isThought != true {
                conversation += [ChatMessage(.user, prompt), ChatMessage(.assistant, words)]
            }
            assignment = nil
            method = nil
            return [.finish(message)]
        }
    }

    /// The message that an agent's words are.
    private func said(_ reply: ModelReply, of call: EffectKey, usage: Usage) -> AgentAction {
        var payload: JSONValue.Members = [
            "text": .string(reply.text), "agent": .string(profile.agent.name),
            "finish": .string(finish(reply).rawValue), "tokens": .integer(Int64(usage.decodedTokens)),
        ]
        if let fence = assignment?.turn.fence {
            payload["code"] = FenceScan(reply.text, fence).block.map { .string($0.code) } ?? .null
        }
        if case .schema(let schema)? = assignment?.turn.constraint {
            payload["data"] = Self.data(reply.text, schema)
        }
        payload.merge(repair?.members ?? [:]) { first, _ in first }
        if !reply.toolCalls.isEmpty { payload["tool_calls"] = .array(reply.toolCalls.map(\.document)) }
        if let latent = reply.latent { payload["latent"] = latent.document }
        if assignment?.turn.isSampled == true { payload["sample"] = .string(call.description) }
        if let channel = assignment?.turn.channel { payload["channel"] = .string(channel.rawValue) }
        if assignment?.turn.channel == .text, !heard.isEmpty {
            payload[HandedWords.member] = .array(heard.map(\.document))
        }
        return .post(kind, payload: .object(payload), usage: usage)
    }

    /// JSON that a schema accepts; null for anything else, as a server may say that does not keep to schemas.
    private static func data(_ text: String, _ schema: JSONSchema) -> JSONValue {
        guard let value = try? JSONParser.parse(text), schema.accepts(value) else { return .null }
        return value
    }

    /// A reply that ends where the budget ends says so.
    private func finish(_ reply: ModelReply) -> FinishReason {
        reply.finish == .length && assignment?.isCut == true ? .limit : reply.finish
    }

    /// A thought that ends where the budget ends says so.
    private func halt(_ reply: LatentReply) -> String {
        reply.halt == .steps && assignment?.isCut == true ? FinishReason.limit.rawValue : reply.halt.rawValue
    }

    private func text(of assignment: Assignment) throws -> PlanText {
        let own: PlanText? =
            switch assignment.task {
            case .say(let prompt, _, _, _): prompt
            case .think(let prompt, _): prompt
            case .call, .verify: nil
            }
        guard let text = own ?? profile.agent.prompt else {
            throw EffectFailure(
                kind: .badInput, message: "agent \(profile.agent.name): step \(assignment.key.node) gives no prompt",
                hint: "add `prompt` to the step or to the agent")
        }
        return text
    }

    private mutating func ask(_ messages: [Message]) throws -> [AgentAction] {
        guard let assignment else { return [] }
        let context = assignment.scope.context(messages, profile.values)
        let before = try Handover(assignment.turn, messages, agent: profile.agent.name)
        heard = before.words
        prompt = before.text + (try profile.render(try text(of: assignment), context))
        var asked: [ChatMessage] = []
        if let system = profile.agent.system {
            asked.append(ChatMessage(.system, try profile.render(system, context)))
        }
        asked += conversation + [ChatMessage(.user, prompt)]
        var request = ModelRequest(
            messages: asked, context: before.latents, seed: SeedPath(seed: 0), author: profile.agent.name,
            base: before.base, recall: before.latents.isEmpty ? LatentRecall() : assignment.turn.recall,
            keepsLatent: assignment.turn.keepsLatent, fence: assignment.turn.fence,
            constraint: assignment.turn.constraint, adapter: assignment.turn.adapter)
        switch assignment.task {
        case .say(_, let maximumTokens, let sampling, let stop):
            request.sampling = sampling
            request.sampling.logProbabilities = sampling.logProbabilities ?? 0
            request.maximumTokens = maximumTokens
            request.stop = stop
            guard let task = assignment.method else {
                repair = ReplyRepair(request)
                return [.ask(request)]
            }
            return try begin(task, request, context)
        case .think(_, let thinking): return [.think(request, thinking)]
        case .call, .verify: return []
        }
    }

    // MARK: - Methods

    private mutating func begin(
        _ task: Assignment.MethodTask, _ request: ModelRequest, _ context: OrderedDictionary<String, TemplateValue>
    ) throws -> [AgentAction] {
        var options = task.options
        for (key, text) in task.texts { options[key] = .string(try profile.render(text, context)) }
        let tools = task.tools.values.map(\.definition)
        method = try MethodTurn(
            task, MethodInput(request: request, prompt: prompt, options: options, tools: tools),
            isSampled: assignment?.turn.isSampled == true)
        return try follow(.began)
    }

    private mutating func follow(_ event: MethodEvent) throws -> [AgentAction] {
        try follow { try $0.step(event, agent: $1, posting: $2) }
    }

    private mutating func follow(
        _ decide: (inout MethodTurn, _ agent: String, MessageKind) throws -> AgentAction
    ) throws -> [AgentAction] {
        guard var turn = method else { return [] }
        let action = try decide(&turn, profile.agent.name, kind)
        method = turn
        if case .post(_, let payload, _) = action { words = payload["text"]?.stringValue ?? words }
        return [action]
    }
}
