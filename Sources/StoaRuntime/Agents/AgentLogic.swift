internal import OrderedCollections
internal import StoaCore

/// What an agent decides: a pure state machine.
///
/// Equal events give equal actions, in every execution; whatever leaves the deterministic world is an action that the
/// agent's shell carries out. A failed piece of work leaves no trace: the shell goes back to the state before it.
protocol AgentLogic: Sendable {
    /// What it is for.
    static var role: AgentRole { get }

    /// Creates the logic of an agent.
    init(_ profile: AgentProfile)

    /// Takes the next event.
    ///
    /// - Parameter event: what happened.
    /// - Returns: what is to be done, in order; the last one's result is the next event.
    /// - Throws: a `StoaError` where what it was given makes no sense.
    mutating func step(_ event: AgentEvent) throws -> [AgentAction]
}

/// What an agent is told.
enum AgentEvent: Sendable {
    /// A new piece of work.
    case assigned(Assignment)
    /// The messages it asked for, in order.
    case read([Message])
    /// A model answered, in the call of this name.
    case replied(ModelReply, by: EffectKey)
    /// What it wanted was not done, since a budget has nothing left for it; only told where a method is followed.
    case limited(LimitReached)
    /// A model thought.
    case thought(LatentReply)
    /// A person decided on a tool call.
    case approved(Bool)
    /// A tool returned.
    case returned(ToolResult)
    /// A verifier judged.
    case judged(Verdict)
    /// Its message is in shared memory.
    case posted(EventKey)
}

/// What an agent wants done.
enum AgentAction: Sendable {
    /// Read messages; answered by `read`.
    case read([EventKey])
    /// Ask its model; answered by `replied`.
    ///
    /// An aside is not shown to people while it is written: it is no part of the answer.
    case ask(ModelRequest, isAside: Bool = false)
    /// Have its model answer with moved states; answered by `replied`.
    case seek(ModelRequest, LatentSeeking)
    /// Have its model think; answered by `thought`.
    case think(ModelRequest, Thinking)
    /// Ask a person whether a tool may be called; answered by `approved`.
    case seekApproval(question: String)
    /// Call a tool; answered by `returned`, where a method is followed also by `limited`.
    case call(ToolRequest)
    /// Judge a text; answered by `judged`.
    case judge(VerificationRequest, verifier: String)
    /// Post a message; answered by `posted`.
    case post(MessageKind, payload: JSONValue, usage: Usage)
    /// The piece of work is done.
    case finish(EventKey)

    /// Whether it only keeps what happened already.
    var keepsWhatHappened: Bool {
        switch self {
        case .post, .finish: true
        case .read, .ask, .seek, .think, .seekApproval, .call, .judge: false
        }
    }
}

/// What an agent is, as its logic needs it.
struct AgentProfile: Sendable {
    /// The playbook's entry.
    var agent: PlanAgent
    /// The run's start, for texts that ask for the date.
    var date: TemplateDate
    /// Contents of messages as expressions compute with them.
    var values: ValueCache
}

extension AgentProfile {
    /// Renders a text.
    func render(
        _ text: PlanText, _ context: OrderedDictionary<String, TemplateValue>
    ) throws -> String {
        try text.template.render(context: context, now: date)
    }
}

extension PlanValue {
    /// The document with everything in it rendered and evaluated.
    func evaluate(_ context: OrderedDictionary<String, TemplateValue>, now: TemplateDate) throws -> JSONValue {
        switch self {
        case .constant(let value): return value
        case .text(let text): return .string(try text.template.render(context: context, now: now))
        case .expression(let expression):
            return try expression.expression.evaluate(context: context, now: now).json ?? .null
        case .list(let elements): return .array(try elements.map { try $0.evaluate(context, now: now) })
        case .object(let members):
            return .object(try members.mapValues { try $0.evaluate(context, now: now) })
        }
    }
}
