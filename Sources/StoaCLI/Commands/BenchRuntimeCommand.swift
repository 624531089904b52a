internal import ArgumentParser
internal import Glibc
internal import StoaBench
internal import StoaCore

/// `stoa bench runtime`: what the runtime costs around the models.
struct BenchRuntimeCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "runtime", abstract: "Measure messages, agents, the journal, calls and replay, without a model.")

    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "Samples of each figure.")
    var repetitions = 3

    func run(in context: CommandContext) async throws {
        guard 1...100 ~= repetitions else {
            throw CLIError.invalidSetting("--repetitions", value: String(repetitions), expected: "1 to 100")
        }
        // Where the journal of runs would be, so that the disk is the one that counts.
        let home = try StateFolder(environment: context.environment).path
        try StateFolder.make(home)
        var template = Array("\(home)/bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CLIError.outputFailed(home, reason: String(cString: strerror(errno)))
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { Self.remove(folder) }
        var benchmark = RuntimeBenchmark(folder: folder, clock: SystemTimeSource())
        benchmark.repetitions = repetitions
        let console = context.console
        let document = try await benchmark.run { console.progress("measuring \($0) …") }
        console.clearProgress()
        try context.finish(document, people: Self.table(document))
    }

    /// Removes a folder of files.
    private static func remove(_ folder: String) {
        guard let entries = opendir(folder) else { return }
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { unlink("\(folder)/\(name)") }
        }
        closedir(entries)
        rmdir(folder)
    }

    private static func table(_ document: JSONValue) -> StyledText {
        var table = TextTable(.leading, .trailing, .trailing, .trailing)
        table.add("", "median", "min", "max")
        for (name, key) in [
            ("messages through shared memory/s", "messages_per_second"), ("bytes per live agent", "bytes_per_agent"),
            ("durable events/s, on the disk", "durable_events_per_second"),
            ("durable events/s, in the system", "unsynchronised_events_per_second"),
            ("overhead of a model call, ms", "overhead_ms_per_call"),
            ("the same, waiting for the disk, ms", "synchronised_overhead_ms_per_call"),
            ("events replayed/s", "replay_events_per_second"),
        ] {
            func text(_ part: String) -> StyledText {
                guard let value = document[key]?[part]?.doubleValue else { return "-" }
                return StyledText(value < 100 ? String((value * 1000).rounded() / 1000) : String(Int(value.rounded())))
            }
            table.add(StyledText(name), text("median"), text("min"), text("max"))
        }
        return table.text
    }
}
