internal import ArgumentParser
internal import Glibc
internal import StoaCore
internal import StoaJournal
internal import StoaLearning

/// `stoa log export`: runs as JSON Lines.
struct LogExportCommand: ContextualCommand {
    /// The forms in which runs can be written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case jsonl, trl, verl, inspect

        /// The form for a trainer; nil for the journal's own.
        var training: TrainingFormat? { TrainingFormat(rawValue: rawValue) }
    }

    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write runs as JSON Lines to standard output.",
        discussion: """
            jsonl loses nothing: 'stoa log import' reads it back, ids and all; a fork brings what it shares with its \
            parent. trl and verl write what agents said as data for training, with token ids, masks and \
            log-probabilities; --examples writes what a training learned from instead, pairs and weights included. \
            docs/interop says what the columns are. inspect writes one run or evaluation as a log that \
            'inspect log dump' and 'inspect view' of the package inspect-ai read. An evaluation stands for its runs.
            """
    )

    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The form: jsonl, trl, verl or inspect.")
    var format = Format.jsonl

    @Option(name: .long, help: "With trl or verl: the agent whose work is written; all agents if absent.")
    var agent: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With trl: what this step trained on, every time or, as in 'taught[2]', once.", valueName: "step"))
    var examples: String?

    @Option(name: .long, help: "With verl: the name by which it finds its reward function (default stoa/PLAYBOOK).")
    var dataSource: String?

    @Option(name: .long, help: "With verl: the kind of task.")
    var ability = "math"

    @Option(name: .long, help: "With verl: the part of the data set.")
    var split = "train"

    @Argument(help: "Runs: ids, their beginnings, or latest.")
    var runs: [String]

    func run(in context: CommandContext) async throws {
        guard examples == nil || format == .trl else {
            throw CLIError.invalidSetting("--examples", value: examples ?? "", expected: "the form trl beside it")
        }
        let journal = try journal.read(in: context)
        var ids: [RunID] = []
        for run in runs {
            let id = try await journal.resolve(run)
            if !ids.contains(id) { ids.append(id) }
        }
        if format == .inspect, ids.count > 1 {
            throw CLIError.invalidSetting(
                "--format", value: "inspect", expected: "one run or evaluation, since a log is one document")
        }
        if format != .inspect { ids = try await journal.expanded(ids, keepsEvaluations: format == .jsonl) }
        let console = context.console
        // Lines are gathered, so that a long run is not as many system calls as it has lines.
        var lines = ""
        func write(_ line: String) throws {
            lines += line + "\n"
            guard lines.utf8.count >= 1 << 16 else { return }
            try console.write(StyledText(lines))
            lines = ""
        }
        if let training = format.training {
            let options = TrainingFormat.Options(
                agent: agent, dataSource: dataSource, ability: ability, split: split)
            let export = TrainingExport(journal: journal, format: training, options: options)
            if let examples {
                try await export.write(examplesOf: examples, ids, write)
            } else {
                try await export.write(ids, console, write)
            }
        } else if format == .inspect, let run = ids.first {
            try await InspectExport(journal: journal).write(run, write)
        } else {
            try await journal.exportLines(ids, write: write)
        }
        if !lines.isEmpty { try console.write(StyledText(lines)) }
    }
}
