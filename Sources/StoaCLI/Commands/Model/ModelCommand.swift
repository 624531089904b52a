internal import ArgumentParser

/// `stoa model`: the models on this machine.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "List, fetch and find models.",
        discussion: """
            A model is named as one of the bundled ones (see 'stoa model list'), as a path to a .gguf file or a model \
            folder, or as hf:owner/repo/file.
            """,
        subcommands: [
            ModelListCommand.self, ModelPullCommand.self, ModelShowCommand.self, ModelPathCommand.self,
            ModelRemoveCommand.self, ModelAlignCommand.self,
        ])
}
