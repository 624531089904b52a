internal import ArgumentParser
internal import StoaBench
internal import StoaCore
internal import StoaHub

/// `stoa bench`: measurements.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure the program on this machine.",
        subcommands: [
            BenchEngineCommand.self, BenchLatentCommand.self, BenchRuntimeCommand.self, BenchSandboxCommand.self,
            BenchTrainCommand.self,
        ])
}

/// `stoa bench engine`: how fast a model runs.
struct BenchEngineCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine", abstract: "Measure decoding, prefill, batches, latent steps, load time and memory.")

    @OptionGroup var engine: EngineOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "Samples of each figure.")
    var repetitions = 5

    func run(in context: CommandContext) async throws {
        guard 1...100 ~= repetitions else {
            throw CLIError.invalidSetting("--repetitions", value: String(repetitions), expected: "1 to 100")
        }
        let access = ModelAccess(context: context)
        let (name, options) = try engine.resolve(in: context)
        let complete = try access.completed(options)
        let path = try await context.model(name).path
        var benchmark = EngineBenchmark(
            model: name, path: path, options: complete, clock: SystemTimeSource())
        benchmark.repetitions = repetitions
        let console = context.console
        let document = try await benchmark.run { console.progress("measuring \($0) …") }
        console.clearProgress()
        try context.finish(document, people: Self.table(document))
    }

    private static func table(_ document: JSONValue) -> StyledText {
        var table = TextTable(.leading, .trailing, .trailing, .trailing)
        table.add("", "median", "min", "max")
        func add(_ name: String, _ figure: JSONValue?) {
            func text(_ key: String) -> StyledText {
                guard let value = figure?[key]?.doubleValue else { return "-" }
                let digits = value < 10 ? 1000.0 : 10.0
                return StyledText(String((value * digits).rounded() / digits))
            }
            table.add(StyledText(name), text("median"), text("min"), text("max"))
        }
        let decode = document["decode_tokens_per_second"]
        add("decode at context 16, tokens/s", decode?["context_16"])
        add("decode at context 512, tokens/s", decode?["context_512"])
        add("prefill of 512, tokens/s", document["prefill_tokens_per_second"])
        add("8 sequences together, tokens/s", document["batch8_decode_tokens_per_second"])
        add("latent steps/s", document["latent_steps_per_second"])
        add("decode under a schema, tokens/s", document["schema_decode_tokens_per_second"])
        add("what the schema adds, part of the time", document["schema_cost"])
        add("load, s", document["load_seconds"])
        add("peak resident memory, MiB", document["peak_rss_mb"])
        add("read bandwidth, GB/s", document["read_bandwidth_gb_per_second"])
        add("fraction of bandwidth", document["fraction_of_bandwidth"])
        return table.text
    }
}
