public import StoaCore

/// An agent says something: it is given a prompt and answers with text.
///
/// The step's value is `{text, agent, finish, tokens}`, `latent` where what the model remembers of it is kept, `code`
/// where its first block of code ends it: the block's code, null where there is none, and `sample` where its tokens are to
/// be learned from: the name of the model's call.
public struct SayVerb: StepVerb {
    /// `say`.
    public static let keyword = "say"

    /// The keys of the step.
    public static let fields: [PlanField] =
        [
            PlanField("say", .agent, isRequired: true, "the agent that speaks"),
            PlanField("prompt", .text, "what it is asked; absent: the agent's own prompt"),
            PlanField("max_tokens", .count(PlanLimits.tokens), "the most tokens of the reply; absent: the agent's"),
            PlanField("stop", .strings, "strings that end the reply; absent: the agent's"),
            PlanField(
                "latent", .flag,
                "whether what the model remembers of it is kept as a latent, for 'after'; absent: false"
            ),
            PlanField(
                "fence", .word(FenceSyntax.allCases.map(\.rawValue)),
                "how a block of code is fenced whose end ends the reply; absent: blocks are words like any other"),
        ] + PlanFields.output + StepBackground.fields + PlanFields.adapted + PlanFields.sampled
        + [PlanField("timeout", .duration, "how long the step may take")] + PlanFields.sampling

    /// The agent that speaks.
    public var agent: String
    /// What it is asked; nil for the agent's own prompt.
    public var prompt: PlanText?
    /// The most tokens of the reply; nil for the agent's.
    public var maximumTokens: PlanCount?
    /// What the step changes about how tokens are chosen.
    public var sampling: SamplingOverrides
    /// Strings that end the reply; nil for the agent's.
    public var stop: [String]?
    /// Whether what the model remembers of it is kept as a latent; nil for no.
    public var latent: PlanFlag?
    /// How a block of code is fenced whose end ends the reply; nil for blocks that are words like any other.
    public var fence: PlanWord?
    /// What the reply's text has to be; nil for any words.
    public var constraint: OutputConstraint?
    /// The adapter that the model answers with; nil for the agent's.
    public var adapter: PlanText?
    /// Whether its value names the model's call; nil for no.
    public var sample: PlanFlag?
    /// What the model has in mind before the prompt.
    public var background: StepBackground
    /// How long the step may take; nil for no limit of its own.
    public var timeout: Duration?

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let agent = reader.agent("say", roles: AgentRole.speaking)
        prompt = reader.text("prompt")
        maximumTokens = reader.count("max_tokens")
        sampling = reader.sampling()
        stop = reader.strings("stop")
        latent = reader.flag("latent")
        fence = reader.word("fence")
        constraint = reader.constraint(besides: ["fence", "stop"])
        adapter = reader.text("adapter")
        sample = reader.flag("sample")
        background = reader.background()
        timeout = reader.duration("timeout")
        guard let agent else { return nil }
        self.agent = agent
        reader.checkAgent(agent, at: "say", prompt: prompt, hasPrompt: reader.has("prompt"))
        reader.checkReads(of: agent, background.after, at: "after")
        reader.checkReads(of: agent, background.base.map { [$0] } ?? [], at: "base")
    }

    /// What its texts read, and the steps it comes after.
    public var names: [String] {
        PlanNames.union(
            prompt?.names, maximumTokens?.names, latent?.names, fence?.names, adapter?.names, sample?.names,
            background.names)
    }
    /// The agent that speaks.
    public var agents: [String] { [agent] }
}
