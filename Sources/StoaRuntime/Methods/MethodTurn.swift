internal import OrderedCollections
internal import StoaCore

/// A method under way: turns what it wants into an agent's actions, and counts what it costs.
struct MethodTurn: Sendable {
    private let name: String
    private let tools: OrderedDictionary<String, PlanTool>
    /// What the method was given; whatever else it asks is an aside.
    private let conversation: [ChatMessage]
    private var logic: any MethodLogic
    private var usage = Usage.zero
    private var isLimited = false
    /// Whether the value names the call whose tokens can be learned from.
    private let isSampled: Bool
    /// Whether what was asked last goes on with the conversation, in words that nothing moved.
    private var isAnswering = false
    /// The calls that did, with what was said.
    private var answers: [(call: EffectKey, text: String)] = []
    /// The call that a person is asked about.
    private var waiting: ToolRequest?

    /// Begins.
    ///
    /// - Parameters:
    ///   - task: the method, and the tools it may have called.
    ///   - input: what it is given.
    ///   - isSampled: whether the value names the call whose tokens can be learned from.
    /// - Throws: what the method throws.
    init(_ task: Assignment.MethodTask, _ input: MethodInput, isSampled: Bool = false) throws {
        self.isSampled = isSampled
        name = task.type.name
        tools = task.tools
        conversation = input.request.messages
        logic = try task.type.makeLogic(input)
    }

    /// Takes note of which call a reply came from, before the method is told of it.
    mutating func note(_ reply: ModelReply, of call: EffectKey) {
        if isSampled, isAnswering, !reply.text.isEmpty { answers.append((call, reply.text)) }
    }

    /// The call whose reply a text ends with; null where there is none.
    private func sample(of text: String?) -> JSONValue {
        let found = answers.last { answer in
            text?.utf8.count ?? 0 >= answer.text.utf8.count
                && text?.utf8.suffix(answer.text.utf8.count).elementsEqual(answer.text.utf8) == true
        }
        return found.map { .string($0.call.description) } ?? .null
    }

    /// Has the method decide.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - agent: who follows the method.
    ///   - kind: what kind of message its words are.
    /// - Returns: the next action.
    /// - Throws: what the method throws.
    mutating func step(_ event: MethodEvent, agent: String, posting kind: MessageKind) throws -> AgentAction {
        switch event {
        case .replied(let reply): usage += reply.usage.logical
        case .limited: isLimited = true
        case .began, .judged, .returned: break
        }
        switch try logic.step(event) {
        case .ask(let request):
            try checkBudget()
            isAnswering = request.messages.starts(with: conversation)
            return .ask(request, isAside: !isAnswering)
        case .seek(let request, let seeking):
            try checkBudget()
            isAnswering = false
            return .seek(request, seeking)
        case .judge(let request, let verifier): return .judge(request, verifier: verifier)
        case .call(let call, let keepsState):
            try checkBudget()
            guard let tool = tools[call.name] else {
                return try step(.returned(unknown(call)), agent: agent, posting: kind)
            }
            let owner: ToolRequest.Owner? = keepsState ? .step : tool.sharesRunState ? .run : nil
            let request = ToolRequest(call: call, tool: tool, owner: owner)
            switch ToolPermission(call, tool) {
            case .granted: return .call(request)
            case .question(let question):
                waiting = request
                return .seekApproval(question: question)
            case .refused(let result): return try step(.returned(result), agent: agent, posting: kind)
            }
        case .finish(var members):
            members["agent"] = .string(agent)
            members["tokens"] = .integer(Int64(usage.decodedTokens))
            if isSampled { members["sample"] = sample(of: members["text"]?.stringValue) }
            // A value that says whether something passed, and who says so, is a verdict on what was read.
            let isVerdict = Verdict(document: .object(members)) != nil
            return .post(isVerdict ? .verdict : kind, payload: .object(members), usage: usage)
        }
    }

    /// Goes on with what a person said to a call.
    mutating func decided(_ isApproved: Bool, agent: String, posting kind: MessageKind) throws -> AgentAction {
        defer { waiting = nil }
        if isApproved, let waiting { return .call(waiting) }
        return try step(.returned(ToolPermission.refusedByPerson), agent: agent, posting: kind)
    }

    /// What calling a tool comes to that there is not.
    private func unknown(_ call: ToolCall) -> ToolResult {
        let known = tools.isEmpty ? "there is none" : "there is \(tools.keys.joined(separator: ", "))"
        return ToolResult(status: .failed, output: "there is no tool \(JSONText.quoted(call.name)): \(known)")
    }

    /// A method that goes on asking would never end.
    private func checkBudget() throws {
        guard isLimited else { return }
        throw EffectFailure(
            kind: .failure, message: "method \(name): expected it to finish at the end of its budget, it asked again")
    }
}
