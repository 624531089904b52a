/// An agent follows a method: a named strategy with options, written in Swift.
///
/// The step's value is the method's, with `text`, `agent` and `tokens` among it, and `sample` where its tokens are to be
/// learned from: the name of the call whose reply the text ends with, null where there is none.
public struct MethodVerb: StepVerb {
    /// `method`.
    public static let keyword = "method"

    /// The keys of the step.
    public static let fields: [PlanField] =
        [
            PlanField("method", .string, isRequired: true, "the method's name"),
            PlanField("agent", .agent, isRequired: true, "the agent that follows it"),
            PlanField("prompt", .text, "what it is asked; absent: the agent's own prompt"),
            PlanField("options", .mapping, "what the method is told"),
            PlanField("max_tokens", .count(PlanLimits.tokens), "the most tokens of an answer; absent: the agent's"),
            PlanField("stop", .strings, "strings that end an answer; absent: the agent's"),
        ] + StepBackground.fields + PlanFields.adapted + PlanFields.sampled
        + [PlanField("timeout", .duration, "how long each call of a model may take")]

    /// The method's name.
    public var method: String { plan.type.name }
    /// The method with its options.
    var plan: MethodPlan
    /// The agent that follows it.
    public var agent: String
    /// What it is asked; nil for the agent's own prompt.
    public var prompt: PlanText?
    /// The most tokens of an answer; nil for the agent's.
    public var maximumTokens: PlanCount?
    /// Strings that end an answer; nil for the agent's.
    public var stop: [String]?
    /// The adapter that the model answers with; nil for the agent's.
    public var adapter: PlanText?
    /// Whether its value names the model's call; nil for no.
    public var sample: PlanFlag?
    /// What the model has in mind before the prompt.
    public var background: StepBackground
    /// How long each call of a model may take; nil for no limit of its own.
    public var timeout: Duration?

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let plan = reader.method("method", options: "options")
        let agent = reader.agent("agent", roles: AgentRole.speaking)
        prompt = reader.text("prompt")
        maximumTokens = reader.count("max_tokens")
        stop = reader.strings("stop")
        adapter = reader.text("adapter")
        sample = reader.flag("sample")
        background = reader.background()
        timeout = reader.duration("timeout")
        if let agent {
            reader.checkAgent(agent, at: "agent", prompt: prompt, hasPrompt: reader.has("prompt"))
            reader.checkReads(of: agent, background.after, at: "after")
            reader.checkReads(of: agent, background.base.map { [$0] } ?? [], at: "base")
            reader.checkReads(of: agent, plan?.texts.flatMap(\.text.names) ?? [], at: "options")
        }
        guard let plan, let agent else { return nil }
        self.plan = plan
        self.agent = agent
    }

    /// What its texts and options read, and the steps it comes after.
    public var names: [String] {
        PlanNames.union(
            prompt?.names, plan.names, maximumTokens?.names, adapter?.names, sample?.names, background.names)
    }
    /// The agent that follows it.
    public var agents: [String] { [agent] }
}
