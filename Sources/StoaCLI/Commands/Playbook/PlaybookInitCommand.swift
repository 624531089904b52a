internal import ArgumentParser
internal import Glibc
internal import OrderedCollections
internal import StoaCore
internal import StoaPlaybook

/// `stoa playbook init`: the files of a new playbook.
struct PlaybookInitCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Start a new playbook in playbooks/NAME of this folder.")

    @OptionGroup var output: OutputOptions

    @Argument(help: "The playbook's name.")
    var name: String

    func run(in context: CommandContext) async throws {
        let folder = "playbooks/\(name)/"
        var files: OrderedDictionary<String, String> = [:]
        for (file, text) in try PlaybookTemplate.files(named: name) { files[folder + file] = text }
        for path in files.keys where access(path, F_OK) == 0 {
            throw CLIError.invalidInput(path, "there is such a file already")
        }
        for (path, text) in files {
            if let slash = path.lastIndex(of: "/") { try Self.makeFolder(String(path[..<slash])) }
            try Self.write(text, to: path)
        }
        try context.finish(
            ["playbook": .string(name), "files": .array(files.keys.map { .string($0) })],
            people: files.keys.map { StyledText("created ", .green) + StyledText($0) }.joined(separator: "\n"))
        context.console.note(
            StyledText("\ntry   ", .dim) + StyledText("stoa playbook validate \(name)", .cyan)
                + StyledText("\nrun   ", .dim) + StyledText("stoa run \(name) --question …", .cyan))
    }

    /// Makes a folder and those around it.
    private static func makeFolder(_ path: String) throws {
        if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/") else {
            throw CLIError.invalidInput(path, String(cString: strerror(errno)))
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
            throw CLIError.invalidInput(path, String(cString: strerror(errno)))
        }
    }

    private static func write(_ text: String, to path: String) throws {
        // Never over a file that came in the meantime.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0, let file = fdopen(descriptor, "w") else {
            throw CLIError.invalidInput(path, String(cString: strerror(errno)))
        }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else {
            throw CLIError.invalidInput(path, String(cString: strerror(errno)))
        }
    }
}
