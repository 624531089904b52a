internal import ArgumentParser
internal import Glibc
internal import StoaCore
internal import StoaJournal

/// `stoa log export`: runs as JSON Lines.
struct LogExportCommand: ContextualCommand {
    /// The forms in which runs can be written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case jsonl
    }

    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write runs as JSON Lines to standard output; nothing is lost.",
        discussion: "A fork brings what it shares with its parent. 'stoa log import' reads the lines back, ids and all."
    )

    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The form: jsonl.")
    var format = Format.jsonl

    @Argument(help: "Runs: ids, their beginnings, or latest.")
    var runs: [String]

    func run(in context: CommandContext) async throws {
        let journal = try journal.read(in: context)
        var ids: [RunID] = []
        for run in runs {
            let id = try await journal.resolve(run)
            if !ids.contains(id) { ids.append(id) }
        }
        let console = context.console
        // Lines are gathered, so that a long run is not as many system calls as it has lines.
        var lines = ""
        try await journal.exportLines(ids) { line in
            lines += line + "\n"
            guard lines.utf8.count >= 1 << 16 else { return }
            try console.write(StyledText(lines))
            lines = ""
        }
        if !lines.isEmpty { try console.write(StyledText(lines)) }
    }
}
