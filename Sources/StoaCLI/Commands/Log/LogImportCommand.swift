internal import ArgumentParser
internal import Glibc
internal import StoaCore
internal import StoaJournal

/// `stoa log import`: takes runs from JSON Lines.
struct LogImportCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Add exported runs to the journal: all of them, or none.",
        discussion: "Runs that are there already, with the same content, stay as they are.")

    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A file of JSON Lines; - for standard input.")
    var file: String

    func run(in context: CommandContext) async throws {
        // Before a journal is made for nothing.
        guard file == "-" || access(file, R_OK) == 0 else {
            throw CLIError.invalidInput(file, String(cString: strerror(errno)))
        }
        let report = try await journal.writing(in: context) { journal in
            let lines = try LineFile(file)
            return try await journal.importLines(named: file) { try lines.next() }
        }
        func ids(_ runs: [RunID]) -> JSONValue { .array(runs.map { .string($0.rawValue) }) }
        let document: JSONValue = [
            "runs": ids(report.runs), "present": ids(report.present), "events": .integer(Int64(report.events)),
            "blobs": .integer(Int64(report.blobs)),
        ]
        var text = StyledText("imported \(LiveText.counted(report.runs.count, "run"))", .green)
        text += ", \(LiveText.counted(report.events, "event"))"
        if !report.present.isEmpty { text += ", \(LiveText.counted(report.present.count, "run")) there already" }
        for run in report.runs { text += "\n  \(run)" }
        try context.finish(document, people: text)
    }
}

/// A file read line by line.
private final class LineFile {
    private let file: UnsafeMutablePointer<FILE>
    private let path: String
    private var buffer: UnsafeMutablePointer<CChar>?
    private var capacity = 0

    init(_ path: String) throws {
        self.path = path
        let opened = path == "-" ? fdopen(dup(STDIN_FILENO), "r") : fopen(path, "re")
        guard let opened else { throw CLIError.invalidInput(path, String(cString: strerror(errno))) }
        file = opened
    }

    deinit {
        free(buffer)
        fclose(file)
    }

    /// The next line without its end; nil at the end of the file.
    func next() throws -> String? {
        let count = getline(&buffer, &capacity, file)
        guard count >= 0, let buffer else {
            guard ferror(file) == 0 else { throw CLIError.invalidInput(path, String(cString: strerror(errno))) }
            return nil
        }
        let bytes = UnsafeRawBufferPointer(start: buffer, count: count)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CLIError.invalidInput(path, "expected UTF-8")
        }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
