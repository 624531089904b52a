public import ArgumentParser
internal import Glibc
internal import StoaCore
public import StoaModel

/// Which model runs, and how.
struct EngineOptions: ParsableArguments {
    @Option(name: .long, help: "The model: a name, a GGUF file, a model folder, or hf:owner/repo/file.")
    var model: String?

    @Option(name: .long, help: "exact (32-bit reference) or fast (8-bit products).")
    var precision: Precision?

    @Option(name: .long, help: "Kernel threads; by default the processors of the machine.")
    var threads: Int?

    @Option(name: .long, help: "The most memory for keys and values, in MiB.")
    var kvMemory: Int?

    /// Processors that this process may use.
    private static var processors: Int { max(1, min(256, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))) }

    /// The model's name when nothing else is said.
    static let defaultModel = "smollm2-135m"

    /// What these options, the environment and the defaults come to.
    func resolve(in context: CommandContext) throws -> (model: String, options: LocalModel.Options) {
        var options = LocalModel.Options()
        options.precision = try context.settings.resolve(precision, "precision", default: options.precision)
        options.threads = try context.settings.resolve(threads, "threads", default: Self.processors)
        let mebibytes = try context.settings.resolve(kvMemory, "kv-memory", default: options.kvMemory >> 20)
        guard 1...256 ~= options.threads else {
            throw CLIError.invalidSetting("--threads", value: String(options.threads), expected: "1 to 256")
        }
        guard 1...1 << 30 ~= mebibytes else {
            throw CLIError.invalidSetting("--kv-memory", value: String(mebibytes), expected: "1 to \(1 << 30) MiB")
        }
        options.kvMemory = mebibytes << 20
        return (try context.settings.resolve(model, "model", default: Self.defaultModel), options)
    }
}

// The conformance is public because the type is; nobody but the commands sees this module.
extension Precision: ExpressibleByArgument {}
