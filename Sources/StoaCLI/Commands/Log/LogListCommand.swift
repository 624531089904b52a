internal import ArgumentParser
internal import StoaCore
internal import StoaJournal
internal import StoaRuntime

/// `stoa log list`: the runs, the newest first.
struct LogListCommand: ContextualCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the runs, the newest first.")

    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The most runs to list.")
    var limit: Int?

    @Flag(name: .long, help: "List evaluations in place of runs.")
    var evals = false

    func run(in context: CommandContext) async throws {
        if let limit, limit < 1 {
            throw CLIError.invalidSetting("--limit", value: String(limit), expected: "1 or more")
        }
        let all = try await journal.read(in: context).runs().filter { $0.isEvaluation == evals }
        let runs = Array(all.prefix(limit ?? .max))
        try context.finish(.array(runs.map(Self.document)), people: Self.table(runs, context.console))
    }

    static func document(_ run: RunRecord) -> JSONValue {
        [
            "run": .string(run.id.rawValue), "playbook": .string(run.playbook),
            "status": .string(run.presentStatus.rawValue), "started": .string(run.started.description),
            "answer": run.answer.map { .string($0) } ?? .null,
            "parent": run.parent.map { .string($0.run.rawValue) } ?? .null,
        ]
    }

    private static func table(_ runs: [RunRecord], _ console: Console) -> StyledText {
        guard !runs.isEmpty else { return StyledText("no runs yet: stoa run PLAYBOOK makes one", .dim) }
        var table = TextTable(.leading, .leading, .leading, .leading, .leading)
        table.add(
            StyledText("RUN", .dim), StyledText("PLAYBOOK", .dim), StyledText("STATUS", .dim),
            StyledText("STARTED", .dim), StyledText("ANSWER", .dim))
        let room = max(console.output.width - 62, 12)
        for run in runs {
            let status = run.presentStatus
            table.add(
                StyledText(run.id.rawValue, .bold), StyledText(TextWrap.line(run.playbook, width: 20)),
                StyledText(status.rawValue.replacing("_", with: " "), status.style),
                StyledText(String(run.started.description.prefix(16)).replacing("T", with: " "), .dim),
                StyledText(TextWrap.line(run.answer ?? "", width: room)))
        }
        return table.text
    }
}

extension RunStatus {
    /// How it is shown.
    var style: StyledText.Style {
        switch self {
        case .completed: .green
        case .failed, .cancelled: .red
        case .running: .cyan
        case .limit, .approvalRequired, .interrupted: .yellow
        }
    }
}
