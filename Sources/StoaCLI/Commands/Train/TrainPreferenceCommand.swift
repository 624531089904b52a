internal import ArgumentParser
internal import OrderedCollections
internal import StoaCore

/// `stoa train dpo`: one completion is better than another.
struct TrainPreferenceCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "dpo", abstract: "Train an adapter on preferences.",
        discussion: """
            FILE has a preference per line, {"prompt", "chosen", "rejected"}, each a text or a list of messages; "weight" \
            says how much it counts. Stopped by Ctrl-C or killed, the same command goes on where its last checkpoint was. \
            Example: stoa train dpo --data pairs.jsonl --out adapter --beta 0.1
            """)

    @OptionGroup var options: TrainOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "How strongly the model is held to the reference; by default 0.1.")
    var beta: Double?

    @Option(name: .long, help: "The part of preferences that is taken to be wrong.")
    var labelSmoothing: Double?

    @Option(name: .long, help: "What the likelihood of the chosen completion is added with.")
    var rpoAlpha: Double?

    @Flag(name: .long, help: "Use the loss of IPO, which wants a distance of 1 / (2 beta) a token and no more.")
    var ipo = false

    @Option(
        name: .long,
        help:
            "The adapter that the model is held to: a digest, a PEFT folder or a GGUF file; by default the model itself."
    )
    var reference: String?

    func run(in context: CommandContext) async throws {
        var members: JSONValue.Members = [:]
        for (name, value) in [("beta", beta), ("label_smoothing", labelSmoothing), ("rpo_alpha", rpoAlpha)] {
            if let value { members[name] = .number(value) }
        }
        let settings = options.settings(loss: ipo ? "ipo" : "dpo", options: members, learningRate: 5e-5)
        try await TrainingWork(options: options, settings: settings, context: context)
            .run(comparesSides: true, reference: reference)
    }
}
