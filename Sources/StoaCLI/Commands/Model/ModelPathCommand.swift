internal import ArgumentParser
internal import StoaCore
internal import StoaHub

/// `stoa model path`: where a model's weights are, fetched first if need be.
struct ModelPathCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "path", abstract: "Print where a model's file or folder is; a missing one is fetched first.")

    @OptionGroup var output: OutputOptions

    @Argument(help: "A model.")
    var name: String

    func run(in context: CommandContext) async throws {
        let model = try await context.model(name)
        try context.finish(
            ["name": .string(model.name), "path": .string(model.path)], people: StyledText(model.path))
    }
}
