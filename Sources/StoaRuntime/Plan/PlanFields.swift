/// The keys of every mapping of a playbook but those of the verbs, which have their own.
public enum PlanFields {
    /// The version of the format.
    package static let version = 1

    /// Whether a text is a letter followed by letters, digits, `_` and `-`.
    package static func isName(_ text: String) -> Bool { PlanName.isName(text) }

    /// The keys of the whole document.
    public static let playbook: [PlanField] = [
        PlanField("stoa", .integer(version...version), isRequired: true, "the version of the format"),
        PlanField("name", .string, isRequired: true, "the playbook's name"),
        PlanField("description", .string, "what it does, in a sentence or two"),
        PlanField("parameters", .entries(parameter), "what it is given"),
        PlanField("models", .entries(model, shorthand: "use"), "the models by the names that agents use"),
        PlanField("agents", .entries(agent), "the agents by name"),
        PlanField("tools", .entries(tool), "the tools by name"),
        PlanField(
            "approvals", .table(PlanTool.Approval.allCases.map(\.rawValue)),
            "who decides on calls, by patterns of tools' names; the strictest word of all counts"),
        PlanField("budget", .object(budget), "what the whole run may spend"),
        PlanField(
            "latents", .choice(Plan.LatentKeeping.allCases.map(\.rawValue)),
            "whether latents are kept in the journal or made again where they are needed; absent: recompute"),
        PlanField("steps", .steps, isRequired: true, "what is done, in order"),
        PlanField("output", .text, isRequired: true, "the run's answer, rendered at the end"),
        PlanField("evaluate", .object(evaluation), "how runs over a set of problems are scored"),
    ]

    /// The keys of a parameter.
    public static let parameter: [PlanField] = [
        PlanField("type", .choice(PlanParameter.ValueType.allCases.map(\.rawValue)), isRequired: true, "its type"),
        PlanField("description", .string, "what it is for"),
        PlanField("default", .any, "its value where none is given; absent: one must be given"),
        PlanField("choices", .any, "the values it may have"),
        PlanField("minimum", .number(-Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude), "the least"),
        PlanField("maximum", .number(-Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude), "the greatest"),
    ]

    /// The keys of a model.
    public static let model: [PlanField] = [
        PlanField("use", .string, isRequired: true, "a model's name, a path, hf:owner/repo/file or openai:NAME"),
        PlanField("precision", .choice(["exact", "fast"]), "how it computes"),
        PlanField("price", .object(price), "what tokens cost"),
    ]

    /// The keys of a model's price.
    public static let price: [PlanField] = [
        PlanField("input", .number(0...1e9), "the price of a million prompt tokens"),
        PlanField("output", .number(0...1e9), "the price of a million generated tokens"),
    ]

    /// The keys of an agent.
    public static let agent: [PlanField] =
        [
            PlanField("role", .choice(AgentRole.allCases.map(\.rawValue)), "what it is for; absent: solver"),
            PlanField("description", .string, "what it does, in a sentence"),
            PlanField("model", .string, "its model; absent: default"),
            adapter("the adapter that its model answers with: a digest or a path; empty or absent: the model as it is"),
            PlanField("system", .text, "its instructions"),
            PlanField("prompt", .text, "what it is asked where a step does not say"),
        ] + sampling + [
            PlanField("max_tokens", .integer(PlanLimits.tokens), "the most tokens of one reply; absent: 256"),
            PlanField("stop", .strings, "strings that end its replies"),
            PlanField(
                "reads", .stepNames,
                "the parameters and steps it may be granted, with what these had in mind; absent: all"),
            PlanField("memory", .choice(PlanAgent.Memory.allCases.map(\.rawValue)), "what it keeps; absent: none"),
            PlanField("restarts", .integer(0...100), "how often it is started again after a failure; absent: 1"),
            PlanField("timeout", .duration, "how long one piece of work may take"),
            PlanField("budget", .object(budget), "what it may spend in all its work"),
        ]

    /// The key of what adapts a model.
    static func adapter(_ summary: String) -> PlanField { PlanField("adapter", .text, summary) }

    /// The keys of steps whose agent answers with an adapter of the step's own.
    static let adapted: [PlanField] = [
        adapter("the adapter that the model answers with, empty for the model as it is; absent: the agent's")
    ]

    /// The key of steps whose replies can be learned from.
    static let sampled: [PlanField] = [
        PlanField(
            "sample", .flag,
            "whether the value's 'sample' names the model's call, so that 'train' can take its tokens; absent: false")
    ]

    /// The keys of sampling parameters, which agents and steps share.
    public static let sampling: [PlanField] = [
        PlanField("temperature", .number(0...100), "divides the logits; 0 takes the most probable token"),
        PlanField("top_k", .integer(0...1_000_000), "keeps this many of the most probable tokens; 0: all"),
        PlanField("top_p", .number(0...1, isOpenBelow: true), "keeps the fewest tokens that reach this probability"),
        PlanField("min_p", .number(0...1), "keeps tokens this times as probable as the best"),
        PlanField("repetition_penalty", .number(0...100, isOpenBelow: true), "weakens every token there already is"),
        PlanField("presence_penalty", .number(-2...2), "weakens every generated token, once"),
        PlanField("frequency_penalty", .number(-2...2), "weakens every generated token, each time"),
    ]

    /// The keys of a tool.
    public static let tool: [PlanField] = [
        PlanField("name", .string, "its name; absent: its key"),
        PlanField("description", .string, isRequired: true, "what it does, for a model to read"),
        PlanField("kind", .string, isRequired: true, "what runs it"),
        PlanField("parameters", .mapping, isRequired: true, "the JSON Schema of its arguments"),
        PlanField("returns", .mapping, "the JSON Schema of what it returns"),
        PlanField("source", .string, "its code; absent: the main.py beside its tool.yaml"),
        PlanField("packages", .string, "the packages that its code may import; absent: none"),
        PlanField("session", .choice(["call", "run"]), "how long its state lives; absent: call"),
        PlanField("limits", .object(toolLimits), "what a call may use"),
        PlanField("options", .mapping, "what its kind has to know besides"),
        PlanField("idempotent", .boolean, "whether an interrupted call may be repeated; absent: false"),
        PlanField(
            "approval", .choice(PlanTool.Approval.allCases.map(\.rawValue)),
            "who decides whether a call is made; absent: auto"),
        PlanField("timeout", .duration, "how long a call may take"),
    ]

    /// The keys of a tool's limits.
    public static let toolLimits: [PlanField] = [
        PlanField("wall_seconds", .number(0.001...86_400), "how long a call may take before it is ended"),
        PlanField("memory_mb", .integer(64...1_048_576), "the memory it may have, in MiB"),
        PlanField("output_bytes", .integer(0...8_388_608), "what is kept of what it prints and returns"),
    ]

    /// The keys of a budget.
    public static let budget: [PlanField] = [
        PlanField("tokens", .integer(0...Int.max), "all tokens and latent steps"),
        PlanField("prefill_tokens", .integer(0...Int.max), "prompt tokens"),
        PlanField("latent_steps", .integer(0...Int.max), "latent steps"),
        PlanField("decoded_tokens", .integer(0...Int.max), "generated tokens"),
        PlanField("wall_time", .duration, "time from the beginning"),
        PlanField("working_time", .duration, "time in which models and tools worked"),
        PlanField("turns", .integer(0...Int.max), "calls of models"),
        PlanField("tool_calls", .integer(0...Int.max), "calls of tools"),
        PlanField("money", .number(0...1e12), "money, in the unit of the models' prices"),
    ]

    /// The keys that every step has, whatever its verb.
    public static let step: [PlanField] = [
        PlanField("id", .name, isRequired: true, "its name, unique in the playbook"),
        PlanField("when", .expression, "whether it is done at all"),
        PlanField("budget", .object(budget), "what it and the steps in it may spend"),
    ]
}
