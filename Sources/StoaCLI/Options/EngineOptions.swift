public import ArgumentParser
internal import StoaCore
public import StoaModel

/// Which model runs, and how.
struct EngineOptions: ParsableArguments {
    @Option(name: .long, help: "The model: a name, a GGUF file, a model folder, or hf:owner/repo/file.")
    var model: String?

    @Option(name: .long, help: "exact (32-bit reference) or fast (8-bit products).")
    var precision: Precision?

    @OptionGroup var compute: ComputeOptions

    /// The model's name when nothing else is said.
    static let defaultModel = "smollm2-135m"

    /// What these options, the environment and the defaults come to.
    func resolve(in context: CommandContext) throws -> (model: String, options: LocalModel.Options) {
        var options = try compute.resolve(in: context)
        options.precision = try context.settings.resolve(precision, "precision", default: options.precision)
        return (try context.settings.resolve(model, "model", default: Self.defaultModel), options)
    }
}

// The conformance is public because the type is; nobody but the commands sees this module.
extension Precision: ExpressibleByArgument {}
