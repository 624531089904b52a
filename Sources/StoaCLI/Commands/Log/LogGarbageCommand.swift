internal import ArgumentParser
internal import StoaCore
internal import StoaHub
internal import StoaJournal

/// `stoa log gc`: removes what no run refers to.
struct LogGarbageCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Remove contents that no run refers to.")

    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let report = try await journal.writing(in: context) { try await $0.gc() }
        try context.finish(
            ["blobs": .integer(Int64(report.blobs)), "bytes": .integer(Int64(report.bytes))],
            people: StyledText(
                "removed \(LiveText.counted(report.blobs, "content")), \(ByteCount.text(Int64(report.bytes)))"))
    }
}
