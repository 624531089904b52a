internal import OrderedCollections
internal import StoaCore

/// An adapter of an agent's model is trained.
///
/// The step's value is `{adapter, steps, loss, first_loss, losses, figures, tokens, scored_tokens, left_out, examples, agent}`:
/// the adapter's digest, how many steps there were, the mean loss of the last tenth of them, the first loss, all of them, the
/// trainer's other figures of the last step, and how much was learned. Without examples nothing is trained: then the adapter
/// is the one that it was to go on from, and there is no loss.
public struct TrainVerb: StepVerb {
    /// `train`.
    public static let keyword = "train"

    /// The keys of the step.
    public static let fields: [PlanField] =
        [
            PlanField("train", .agent, isRequired: true, "the agent whose model is trained"),
            PlanField("on", .expression, isRequired: true, "the list of examples"),
            PlanField("from", .text, "the adapter that is gone on from; empty or absent: a new one"),
            PlanField(
                "reference", .text, "the adapter that preferences are held to; empty or absent: the model itself"),
        ] + StepTraining.fields + [PlanField("timeout", .duration, "how long the training may take")]

    /// The keys that name adapters.
    static let adapterKeys = ["from", "reference"]

    /// The agent whose model is trained.
    public var agent: String
    /// The list of examples.
    public var examples: PlanExpression
    /// The adapter that is gone on from; nil for a new one.
    public var start: PlanText?
    /// The adapter that preferences are held to; nil for the model itself.
    public var reference: PlanText?
    /// How it is learned.
    public var training: StepTraining
    /// How long the training may take; nil for as long as it takes.
    public var timeout: Duration?

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let agent = reader.agent("train", roles: AgentRole.speaking)
        let examples = reader.expression("on")
        start = reader.text("from")
        reference = reader.text("reference")
        training = reader.training()
        timeout = reader.duration("timeout")
        guard let agent, let examples else { return nil }
        self.agent = agent
        self.examples = examples
        // Examples bring their own prompts; the agent's instructions stand before them.
        reader.checkAgent(agent, at: "train", prompt: nil, hasPrompt: true, answers: false)
    }

    /// What its texts and expressions read.
    public var names: [String] {
        PlanNames.union(examples.names, start?.names, reference?.names, training.names)
    }
    /// The agent whose model is trained.
    public var agents: [String] { [agent] }
}

extension Plan {
    /// The models that steps train, by the plan's names, in the order of the steps.
    public var trainedModels: [String] { models(trainedBy: allSteps) }

    /// Those of them that are trained in any case, as far as the plan alone tells: by a step that no condition is around.
    var certainlyTrainedModels: [String] {
        func unconditional(_ steps: [PlanStep]) -> [PlanStep] {
            steps.filter { $0.condition == nil && !($0.verb is WhenVerb) }
                .flatMap { step in [step] + step.verb.blocks.flatMap { unconditional($0.steps) } }
        }
        return models(trainedBy: unconditional(steps))
    }

    private func models(trainedBy steps: [PlanStep]) -> [String] {
        var names: OrderedSet<String> = []
        for case let verb as TrainVerb in steps.map(\.verb) {
            if let agent = agents[verb.agent] { names.append(agent.model) }
        }
        return Array(names)
    }
}
