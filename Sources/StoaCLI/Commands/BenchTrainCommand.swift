internal import ArgumentParser
internal import StoaBench
internal import StoaCore
internal import StoaHub
internal import StoaModel
internal import StoaTraining

/// `stoa bench train`: how fast adapters are trained.
struct BenchTrainCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Measure the training of an adapter in bf16 and fp32: tokens a second, memory.",
        discussion: """
            Benchmarks/training has the same for PyTorch and peft; its files of batches are what --job takes.
            """)

    @Option(name: .long, help: "The model: a name, a GGUF file, a model folder, or hf:owner/repo/file.")
    var model: String?

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "Steps that are measured.")
    var repetitions = 10

    @Option(name: .long, help: "Sequences of a step.")
    var batch = 4

    @Option(name: .long, help: "Tokens of a sequence.")
    var length = 64

    @Option(name: .long, help: "The adapter's rank.")
    var rank = 16

    @Option(name: .long, help: "Measure one precision only: bf16 or fp32.")
    var only: String?

    @Flag(name: .long, help: "Keep the inputs of layers only and run each layer twice: less memory, more time.")
    var recompute = false

    @Option(name: .long, help: ArgumentHelp("Batches and settings from a file.", valueName: "file"))
    var job: String?

    @Option(name: .long, help: ArgumentHelp("Keep the trained adapters in a folder.", valueName: "dir"))
    var out: String?

    func run(in context: CommandContext) async throws {
        for (name, value, range) in [
            ("--repetitions", repetitions, 1...1000), ("--batch", batch, 1...1024), ("--length", length, 2...4096),
        ] where !range.contains(value) {
            throw CLIError.invalidSetting(
                name, value: String(value), expected: "\(range.lowerBound) to \(range.upperBound)")
        }
        let precisions: [String: [MatrixPrecision]] = ["bf16": [.bfloat16], "fp32": [.float32]]
        let wanted = only.map { precisions[$0] ?? [] } ?? [.bfloat16, .float32]
        guard !wanted.isEmpty else {
            throw CLIError.invalidSetting("--only", value: only ?? "", expected: "bf16 or fp32")
        }
        try context.selectKernelPath()
        let threads = try compute.resolve(in: context).threads
        let name = try context.settings.resolve(model, "model", default: EngineOptions.defaultModel)
        // One step more: the first is a warm-up.
        let job =
            try self.job.map { try TrainingJob(path: $0) }
            ?? TrainingJob(steps: repetitions + 1, batch: batch, length: length, rank: rank)
        if let out { try StateFolder.make(out) }
        var benchmark = TrainingBenchmark(
            model: name, path: try await context.model(name).path, job: job, clock: SystemTimeSource())
        benchmark.precisions = wanted
        benchmark.options.threads = threads
        benchmark.options.activations = recompute ? .recompute : .keep
        benchmark.out = out
        let console = context.console
        let document = try await benchmark.run { console.progress("\($0) …") }
        console.clearProgress()
        try context.finish(document, people: Self.table(document))
    }

    private static func table(_ document: JSONValue) -> StyledText {
        var table = TextTable(.leading, .trailing, .trailing, .trailing)
        table.add("", "median", "min", "max")
        for name in ["bf16", "fp32"] {
            guard let figures = document[name] else { continue }
            func text(_ key: String, _ part: String) -> StyledText {
                StyledText(figures[key]?[part]?.doubleValue.map { String(($0 * 10).rounded() / 10) } ?? "-")
            }
            for (title, key) in [
                ("\(name), tokens/s", "tokens_per_second"), ("\(name), peak resident memory, MiB", "peak_rss_mb"),
            ] {
                table.add(StyledText(title), text(key, "median"), text(key, "min"), text(key, "max"))
            }
        }
        return table.text
    }
}
