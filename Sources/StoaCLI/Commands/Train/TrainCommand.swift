internal import ArgumentParser

/// `stoa train`: adapters.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train LoRA adapters of a model, and export them.",
        subcommands: [TrainSupervisedCommand.self, TrainPreferenceCommand.self, TrainExportCommand.self])
}
