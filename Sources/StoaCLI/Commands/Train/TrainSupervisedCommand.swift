internal import ArgumentParser
internal import OrderedCollections
internal import StoaCore

/// `stoa train sft`: completions are to be said.
struct TrainSupervisedCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "sft", abstract: "Train an adapter on what is to be said.",
        discussion: """
            FILE has an example per line: {"messages": […]}, whose last message is learned, or {"prompt", "completion"}, \
            each a text or a list of messages; "weight" says how much an example counts. Stopped by Ctrl-C or killed, the \
            same command goes on where its last checkpoint was. Example: stoa train sft --data answers.jsonl --out adapter
            """)

    @OptionGroup var options: TrainOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "What the sum of a step is divided by: tokens, weights or count.")
    var normalisation: String?

    func run(in context: CommandContext) async throws {
        var members: JSONValue.Members = [:]
        if let normalisation { members["normalisation"] = .string(normalisation) }
        let settings = options.settings(loss: "sft", options: members, learningRate: 2e-4)
        try await TrainingWork(options: options, settings: settings, context: context).run(comparesSides: false)
    }
}
