internal import ArgumentParser
internal import Glibc
internal import StoaCore
internal import StoaJournal

/// Where runs are kept.
struct JournalOptions: ParsableArguments {
    @Option(name: .long, help: "The journal's file; by default journal.sqlite in STOA_HOME.")
    var journal: String?

    @Option(
        name: .long,
        help: "What a recorded event survives: process, the death of the program; power, also the loss of power.")
    var durability: Durability?

    /// The file that an option, the environment and the defaults come to.
    ///
    /// - Parameters:
    ///   - flag: what `--journal` says.
    ///   - context: the command's.
    /// - Returns: the file; it need not exist.
    /// - Throws: `CLIError` for a name that can be no journal's.
    static func path(_ flag: String?, in context: CommandContext) throws -> String {
        let given = try context.settings.resolve(flag, "journal")
        // SQLite would take it for a file that is gone with the process.
        if given == "" { throw CLIError.invalidSetting("--journal", value: "", expected: "the name of a file") }
        let path = try given ?? StateFolder(environment: context.environment).path + "/journal.sqlite"
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw CLIError.invalidInput(path, "expected a journal's file, found a folder")
        }
        return path
    }

    /// Whether there is no journal yet, or a file of no bytes, such as a full disk leaves behind.
    ///
    /// A file that cannot even be looked at is for SQLite to report.
    static func isEmpty(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == ENOENT || errno == ENOTDIR }
        return status.st_mode & S_IFMT == S_IFREG && status.st_size == 0
    }

    /// Works with the journal, made where there is none, and closes it: so that its file alone is all of it, as long as
    /// no other process has it open.
    ///
    /// - Parameters:
    ///   - context: the command's.
    ///   - body: what to do.
    /// - Returns: what the body returned.
    /// - Throws: `JournalError`, or what the body throws.
    func writing<Value>(
        in context: CommandContext, _ body: (SQLiteJournal) async throws -> Value
    ) async throws -> Value {
        let journal = try open(in: context)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(journal))
        } catch {
            result = .failure(error)
        }
        try? await journal.close()
        return try result.get()
    }

    private func open(in context: CommandContext) throws -> SQLiteJournal {
        let path = try Self.path(journal, in: context)
        if journal == nil { try StateFolder.make(Self.folder(of: path)) }
        let durability = try context.settings.resolve(durability, "durability", default: .process)
        return try SQLiteJournal(
            path: path, options: SQLiteJournal.Options(synchronisation: durability.synchronisation))
    }

    /// Opens the journal to read it; one that does not exist is empty.
    func read(in context: CommandContext) throws -> SQLiteJournal {
        let path = try Self.path(journal, in: context)
        guard !Self.isEmpty(path) else { return try SQLiteJournal() }
        return try SQLiteJournal(path: path, options: SQLiteJournal.Options(access: .readOnly))
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// What a recorded event survives.
enum Durability: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// The death of the program, at any moment.
    case process
    /// Also the loss of power: every commit waits for the disk.
    case power

    var synchronisation: SQLiteJournal.Options.Synchronisation {
        switch self {
        case .process: .normal
        case .power: .full
        }
    }
}

/// Where the program keeps what must not be lost: the journal and other state of the user.
struct StateFolder {
    /// The folder; it need not exist.
    let path: String

    /// `STOA_HOME`, else `stoa` in the user's data folder.
    ///
    /// - Throws: `CLIError` where there is neither.
    init(environment: ProcessEnvironment) throws {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let home = value("STOA_HOME") {
            path = home
        } else if let data = value("XDG_DATA_HOME"), data.hasPrefix("/") {
            path = data + "/stoa"
        } else if let home = value("HOME") {
            path = home + "/.local/share/stoa"
        } else {
            throw CLIError.invalidSetting(
                "STOA_HOME", value: "", expected: "a folder for the journal, since HOME is not set either")
        }
    }

    /// Makes a folder and those around it, for this user alone; none where it is there.
    static func make(_ path: String) throws {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw CLIError.unwritable(path, reason: String(cString: strerror(errno)))
        }
        try make(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw CLIError.unwritable(path, reason: String(cString: strerror(errno)))
        }
    }
}
