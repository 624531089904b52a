internal import ArgumentParser
internal import StoaCore
internal import StoaHub
internal import StoaModel

/// `stoa train export`: an adapter for other programs.
struct TrainExportCommand: ContextualCommand {
    /// What other programs read.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case peft, gguf
    }

    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write an adapter as PEFT or llama.cpp reads it.",
        discussion: """
            peft is a folder with adapter_model.safetensors and adapter_config.json; gguf is one file, for llama.cpp's \
            --lora. Example: stoa train export adapter --format gguf --out adapter.gguf
            """)

    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The adapter's model: a name, a GGUF file, a model folder, or hf:owner/repo/file.")
    var model: String?

    @Option(name: .long, help: "peft or gguf; by default what the name of --out ends with, else peft.")
    var format: Format?

    @Option(name: .long, help: "The folder or file to write.")
    var out: String

    @Argument(help: "The adapter: a digest, a PEFT folder or a GGUF file.")
    var adapter: String

    func run(in context: CommandContext) async throws {
        let installed = try await context.model(
            context.settings.resolve(model, "model", default: EngineOptions.defaultModel))
        let stored = try StoredModel(path: installed.path)
        let library = try context.adapterLibrary
        let reference = try library.reference(adapter, for: stored)
        let found = try library.adapter(reference)
        let format = format ?? (out.hasSuffix(".gguf") ? .gguf : .peft)
        switch format {
        case .peft: try found.writePEFT(to: out, baseModel: installed.name)
        case .gguf: try found.writeGGUF(to: out, model: ModelWeights(path: installed.path).configuration)
        }
        let document: JSONValue = [
            "adapter": .string(reference.description), "format": .string(format.rawValue), "out": .string(out),
            "rank": .integer(Int64(found.configuration.rank)), "alpha": .number(found.configuration.alpha),
            "parameters": .integer(Int64(found.parameterCount)),
        ]
        try context.finish(
            document,
            people: """
                adapter \(reference)
                \(format.rawValue) \(out): rank \(found.configuration.rank), \(found.parameterCount) parameters
                """)
    }
}
