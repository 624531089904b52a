public import ArgumentParser
public import StoaBench
internal import StoaCore
internal import StoaHub
internal import StoaPlaybook

/// `stoa bench latent`: what latent messages save over text.
struct BenchLatentCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "latent", abstract: "Measure agents that pass on hidden states beside agents that pass on words.",
        discussion: """
            The playbook latent-chain answers word problems with one engine: three agents and a judge, the three once \
            thinking in latent space and once writing. First with replies of fixed length, then with replies that end \
            where the model ends them.
            """)

    /// What every figure of the table is about.
    private static let playbook = "latent-chain"

    @OptionGroup var engine: EngineOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "Questions, of those built in.")
    var questions = 4

    @Option(name: .long, help: "How often each is asked in each arm.")
    var repetitions = 3

    @Option(name: .long, help: "Latent steps of each agent.")
    var latentSteps = 40

    @Option(name: .long, help: "Tokens of each agent that writes.")
    var textTokens = 256

    @Option(name: .long, help: "Tokens of the judge.")
    var answerTokens = 64

    @Option(name: .long, help: "Measure one arm only, at fixed lengths: latent or text.")
    var only: LatentBenchmark.Channel?

    @Option(name: .long, help: "A question to ask in place of those built in; may be repeated.")
    var ask: [String] = []

    func run(in context: CommandContext) async throws {
        let most = LatentBenchmark.builtInQuestions.count
        for (name, value, range) in [
            ("--questions", questions, 1...most), ("--repetitions", repetitions, 1...100),
            ("--latent-steps", latentSteps, 1...1000), ("--text-tokens", textTokens, 1...1000),
            ("--answer-tokens", answerTokens, 1...1000),
        ] where !range.contains(value) {
            throw CLIError.invalidSetting(
                name, value: String(value), expected: "\(range.lowerBound) to \(range.upperBound)")
        }
        let access = ModelAccess(context: context)
        let (name, options) = try engine.resolve(in: context)
        let complete = try access.completed(options)
        let plan = try context.playbooks().load(Self.playbook)
        let path = try await context.model(name).path
        var benchmark = LatentBenchmark(
            plan: plan, model: name, path: path, options: complete, clock: SystemTimeSource())
        benchmark.questions = ask.isEmpty ? Array(LatentBenchmark.builtInQuestions.prefix(questions)) : ask
        benchmark.repetitions = repetitions
        benchmark.latentSteps = latentSteps
        benchmark.textTokens = textTokens
        benchmark.answerTokens = answerTokens
        benchmark.only = only
        let console = context.console
        let document = try await benchmark.run { console.progress("measuring \($0) …") }
        console.clearProgress()
        try context.finish(document, people: Self.table(document))
    }

    private static func table(_ document: JSONValue) -> StyledText {
        var table = TextTable(.leading, .trailing, .trailing, .trailing)
        table.add("", "latent", "text", "latent is")
        for (heading, part) in [("fixed lengths", document), ("free running", document["free_running"] ?? .null)]
        where part != .null {
            func text(_ figure: JSONValue?, digits: Double = 100) -> StyledText {
                guard let value = figure?["median"]?.doubleValue else { return "-" }
                let isWhole = value == value.rounded() || value >= 1000
                return StyledText(isWhole ? String(Int(value.rounded())) : String((value * digits).rounded() / digits))
            }
            func row(_ name: String, _ key: String, _ verdict: StyledText = "") {
                table.add(
                    StyledText("  " + name), text(part["latent"]?[key]), text(part["text"]?[key]), verdict)
            }
            table.add(StyledText(heading, .bold), "", "", "")
            let isPair = part["speedup"] != nil
            row("seconds per question", "seconds_per_question", isPair ? text(part["speedup"]) + " times faster" : "")
            row("prompt tokens", "prefill_tokens")
            row("latent steps", "latent_steps")
            let fewer = (part["decoded_token_reduction"]?["median"]?.doubleValue ?? 0) * 100
            row(
                "decoded tokens", "decoded_tokens",
                isPair ? StyledText("\((fewer * 10).rounded() / 10) % fewer") : "")
            row("bytes of keys and values", "kv_bytes")
        }
        return table.text
    }
}

// The conformance is public because the type is; nobody but the commands sees this module.
extension LatentBenchmark.Channel: ExpressibleByArgument {}
