internal import ArgumentParser
internal import StoaCore
internal import StoaJournal

/// `stoa log verify`: whether a run is what was written.
struct LogVerifyCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the chain and the contents of a run; exit code 3 where they are damaged.")

    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A run: its id, the beginning of one, or latest.")
    var run: String

    func run(in context: CommandContext) async throws {
        let journal = try journal.read(in: context)
        let report = try await journal.verify(try await journal.resolve(run))
        let document: JSONValue = [
            "run": .string(report.run.rawValue), "events": .integer(Int64(report.events)),
            "chain_intact": .bool(report.chainIntact), "blobs_missing": .integer(Int64(report.blobsMissing)),
            "first_bad_seq": report.firstBadSequence.map { .integer(Int64($0)) } ?? .null,
        ]
        try context.finish(document, people: Self.text(report))
        if !report.isIntact { throw EndWith(.divergence) }
    }

    private static func text(_ report: VerificationReport) -> StyledText {
        guard !report.isIntact else {
            return StyledText("intact", .green) + ": run \(report.run), \(LiveText.counted(report.events, "event"))"
        }
        var text = StyledText("damaged", .red) + ": run \(report.run)"
        if let first = report.firstBadSequence { text += ", first at event \(first)" }
        if !report.chainIntact { text += "\n  the chain of events is broken" }
        if report.blobsMissing > 0 {
            text += "\n  \(LiveText.counted(report.blobsMissing, "content")) missing or damaged"
        }
        return text
    }
}
