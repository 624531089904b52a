/// An agent thinks without words: it is given a prompt and takes latent steps, which leave a latent.
///
/// The channel says what is passed on: the latent, or, from the very same prompt, words, both, or nothing, so that one
/// playbook holds all arms of a comparison. The step's value is `{latent, steps, halt, agent, channel}` for a latent,
/// `{text, agent, finish, tokens, channel}` for words, with `latent` beside them for both, and
/// `{text, agent, channel}` with an empty text for nothing.
public struct ThinkVerb: StepVerb {
    /// What a thought is passed on as.
    public enum Channel: String, Sendable, Hashable, CaseIterable {
        /// A latent.
        case latent
        /// Words, which stand in front of the prompt of whoever has them in mind.
        case text
        /// Words that are passed on as what the model remembers of saying them.
        case spoken
        /// Nothing: the agent is not even asked.
        case none
    }

    /// `think`.
    public static let keyword = "think"

    /// The keys of the step.
    public static let fields: [PlanField] =
        [
            PlanField("think", .agent, isRequired: true, "the agent that thinks"),
            PlanField("prompt", .text, "what it is asked; absent: the agent's own prompt"),
            PlanField(
                "channel", .word(Channel.allCases.map(\.rawValue)),
                "what is passed on: a latent, words (text), the memory of words (spoken), nothing (none); absent: latent"
            ),
        ] + StepThinking.fields + StepBackground.fields + PlanFields.adapted + [
            PlanField("max_tokens", .count(PlanLimits.tokens), "the most tokens of words; absent: the agent's"),
            PlanField("stop", .strings, "strings that end words; absent: the agent's"),
            PlanField("timeout", .duration, "how long the step may take"),
        ] + PlanFields.sampling

    /// The agent that thinks.
    public var agent: String
    /// What it is asked; nil for the agent's own prompt.
    public var prompt: PlanText?
    /// What is passed on; nil for a latent.
    public var channel: PlanWord?
    /// How it thinks.
    public var thinking: StepThinking
    /// The adapter that the model answers with; nil for the agent's.
    public var adapter: PlanText?
    /// What the model has in mind before the prompt.
    public var background: StepBackground
    /// The most tokens of words; nil for the agent's.
    public var maximumTokens: PlanCount?
    /// What the step changes about how the tokens of words are chosen.
    public var sampling: SamplingOverrides
    /// Strings that end words; nil for the agent's.
    public var stop: [String]?
    /// How long the step may take; nil for no limit of its own.
    public var timeout: Duration?

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let agent = reader.agent("think", roles: AgentRole.speaking)
        prompt = reader.text("prompt")
        channel = reader.word("channel")
        thinking = reader.thinking()
        adapter = reader.text("adapter")
        background = reader.background()
        maximumTokens = reader.count("max_tokens")
        sampling = reader.sampling()
        stop = reader.strings("stop")
        timeout = reader.duration("timeout")
        guard let agent else { return nil }
        self.agent = agent
        reader.checkAgent(agent, at: "think", prompt: prompt, hasPrompt: reader.has("prompt"))
        reader.checkReads(of: agent, background.after, at: "after")
        reader.checkReads(of: agent, background.base.map { [$0] } ?? [], at: "base")
    }

    /// What its texts read, and the steps it comes after.
    public var names: [String] {
        PlanNames.union(
            prompt?.names, channel?.names, thinking.names, maximumTokens?.names, adapter?.names, background.names)
    }
    /// The agent that thinks.
    public var agents: [String] { [agent] }
}
