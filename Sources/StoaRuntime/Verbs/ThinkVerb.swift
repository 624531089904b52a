/// An agent thinks without words: it is given a prompt and takes latent steps, which leave a latent.
///
/// The step's value is `{latent, steps}`.
public struct ThinkVerb: StepVerb {
    /// `think`.
    public static let keyword = "think"

    /// The keys of the step.
    public static let fields: [PlanField] = [
        PlanField("think", .agent, isRequired: true, "the agent that thinks"),
        PlanField("prompt", .text, "what it is asked; absent: the agent's own prompt"),
        PlanField("latent_steps", .count(PlanLimits.latentSteps), isRequired: true, "how many latent steps it takes"),
        PlanField("after", .stepNames, "steps whose latents the model has in mind before the prompt"),
        PlanField("timeout", .duration, "how long the step may take"),
    ]

    /// The agent that thinks.
    public var agent: String
    /// What it is asked; nil for the agent's own prompt.
    public var prompt: PlanText?
    /// How many latent steps it takes.
    public var latentSteps: PlanCount
    /// The steps whose latents the model has in mind before the prompt.
    public var after: [String]
    /// How long the step may take; nil for no limit of its own.
    public var timeout: Duration?

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let agent = reader.agent("think", roles: AgentRole.speaking)
        let latentSteps = reader.count("latent_steps")
        prompt = reader.text("prompt")
        after = reader.latentSteps("after")
        timeout = reader.duration("timeout")
        if let agent {
            reader.checkAgent(agent, at: "think", prompt: prompt, hasPrompt: reader.has("prompt"))
        }
        guard let agent, let latentSteps else { return nil }
        self.agent = agent
        self.latentSteps = latentSteps
    }

    /// What its texts read, and the steps it comes after.
    public var names: [String] { PlanNames.union(prompt?.names, latentSteps.names, after) }
    /// The agent that thinks.
    public var agents: [String] { [agent] }
}
