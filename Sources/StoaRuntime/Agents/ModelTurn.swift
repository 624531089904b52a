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
    private var prompt = ""
    private var words = ""

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
            let names = (profile.agent.system?.names ?? []) + (try text(of: assignment).names)
            let latents = assignment.latents.flatMap(\.binding.messages)
            let needed = assignment.scope.restricted(to: names).messages
            let all = needed + latents.filter { !needed.contains($0) }
            return [.read(all)]
        case .read(let messages): return try ask(messages)
        case .replied(let reply):
            words = reply.text
            var payload: JSONValue.Members = [
                "text": .string(reply.text), "agent": .string(profile.agent.name),
                "finish": .string(finish(reply).rawValue), "tokens": .integer(Int64(reply.usage.decodedTokens)),
            ]
            if !reply.toolCalls.isEmpty { payload["tool_calls"] = .array(reply.toolCalls.map(\.document)) }
            return [.post(kind, payload: .object(payload), usage: reply.usage.logical)]
        case .thought(let reply):
            words = ""
            return [
                .post(
                    .latent,
                    payload: [
                        "latent": reply.latent.document, "agent": .string(profile.agent.name),
                        "steps": .integer(Int64(reply.usage.latentSteps)),
                    ], usage: reply.usage.logical)
            ]
        case .posted(let message):
            if profile.agent.memory == .conversation {
                conversation += [ChatMessage(.user, prompt), ChatMessage(.assistant, words)]
            }
            assignment = nil
            return [.finish(message)]
        case .approved, .returned, .judged: return []
        }
    }

    /// A reply that ends where the budget ends says so.
    private func finish(_ reply: ModelReply) -> FinishReason {
        reply.finish == .length && assignment?.isCut == true ? .limit : reply.finish
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
        let context = assignment.scope.context(messages)
        prompt = try profile.render(try text(of: assignment), context)
        var asked: [ChatMessage] = []
        if let system = profile.agent.system {
            asked.append(ChatMessage(.system, try profile.render(system, context)))
        }
        asked += conversation + [ChatMessage(.user, prompt)]
        var request = ModelRequest(
            messages: asked, context: try latents(of: assignment, messages), seed: SeedPath(seed: 0),
            author: profile.agent.name)
        switch assignment.task {
        case .say(_, let maximumTokens, let sampling, let stop):
            request.sampling = sampling
            request.sampling.logProbabilities = sampling.logProbabilities ?? 0
            request.maximumTokens = maximumTokens
            request.stop = stop
            return [.ask(request)]
        case .think(_, let steps): return [.think(request, steps: steps)]
        case .call, .verify: return []
        }
    }

    private func latents(of assignment: Assignment, _ messages: [Message]) throws -> [LatentHandle] {
        let byID = Dictionary(messages.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return try assignment.latents.flatMap { name, binding in
            try binding.messages.map { id in
                guard let latent = byID[id]?.latent else {
                    throw MemoryError.notLatent(
                        "agent \(profile.agent.name): expected a latent from step \(name), found \(id)",
                        hint: "`after` names steps that think")
                }
                return latent
            }
        }
    }
}
