internal import ArgumentParser
internal import StoaBench
internal import StoaCore
internal import StoaHub

/// `stoa bench sandbox`: how fast sandboxes start and cells run.
struct BenchSandboxCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "Measure cold starts, cells, and many requests at once.")

    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "Sandboxes that are started for each figure.")
    var repetitions = 20

    @Option(
        name: .long,
        help: "Sessions to open, use and close one after the other, to see whether memory or descriptors grow.")
    var sessions = 0

    func run(in context: CommandContext) async throws {
        guard 1...1000 ~= repetitions else {
            throw CLIError.invalidSetting("--repetitions", value: String(repetitions), expected: "1 to 1000")
        }
        guard 0...1_000_000 ~= sessions else {
            throw CLIError.invalidSetting("--sessions", value: String(sessions), expected: "0 to 1000000")
        }
        let tools = try await SandboxAccess(context: context).tools()
        let cache = try StoreLocation(environment: context.environment.variables).root
        var benchmark = SandboxBenchmark(tools: tools, cache: cache, clock: SystemTimeSource())
        benchmark.repetitions = repetitions
        benchmark.sessions = sessions
        let console = context.console
        let document = try await benchmark.run { console.progress("measuring \($0) …") }
        console.clearProgress()
        try context.finish(document, people: Self.table(document))
    }

    private static func table(_ document: JSONValue) -> StyledText {
        var table = TextTable(.leading, .trailing, .trailing, .trailing, .trailing)
        table.add("", "p50", "p95", "p99", "max")
        func add(_ name: String, _ figure: JSONValue?) {
            func text(_ part: String) -> StyledText {
                guard let value = figure?[part]?.doubleValue else { return "-" }
                return StyledText(String((value * 1000).rounded() / 1000))
            }
            table.add(StyledText(name), text("p50"), text("p95"), text("p99"), text("max"))
        }
        add("cold start, ms", document["cold_start_ms"])
        add("cold start with numpy and sympy, ms", document["cold_start_numpy_sympy_ms"])
        add("first cell of a ready sandbox, ms", document["first_cell_ms"])
        add("next cells, ms", document["next_cell_ms"])
        let parallel = document["parallel"]
        let (held, all) = (parallel?["as_expected"]?.intValue ?? 0, parallel?["requests"]?.intValue ?? 0)
        add("\(all) requests at once, \(held) as expected, ms", parallel?["latency_ms"])
        guard let sessions = document["sessions"], let count = sessions["sessions"]?.intValue else { return table.text }
        func change(_ name: String) -> String {
            let (first, last) = (sessions[name]?["first"]?.intValue ?? 0, sessions[name]?["last"]?.intValue ?? 0)
            return "\(first) to \(last)"
        }
        return table.text
            + StyledText("\n\(count) sessions: \(change("rss_kb")) KiB resident, \(change("descriptors")) descriptors")
    }
}
