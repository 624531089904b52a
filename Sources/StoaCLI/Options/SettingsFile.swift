private import Glibc
internal import StoaPlaybook
internal import StoaRuntime

/// A file of settings: lines of `name: value`, the names those of flags without their dashes.
///
///     model: gemma3-270m
///     threads: 2
struct SettingsFile: Sendable {
    /// The settings that a file can hold.
    static let names = [
        "approvals", "color", "durability", "frequency-penalty", "http_hosts", "isa", "journal", "kv-memory",
        "max-tokens", "mcp_servers", "min-p", "model", "precision", "presence-penalty", "quiet", "repetition-penalty",
        "sandbox", "seed", "stream", "temperature",
        "threads", "top-k", "top-p", "verbose",
    ]

    /// Those that are lists or mappings.
    static let structured: Set<String> = ["approvals", "http_hosts", "mcp_servers", "sandbox"]

    /// Those that decide what is started and reached: in the user's own file only, since a project may be anybody's.
    static let userOnly: Set<String> = ["http_hosts", "mcp_servers", "sandbox"]

    private let entries: [String: FlatYAML.Entry]
    private let folder: String

    /// Reads a file; nil where there is none.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - isUsers: whether it is the user's own.
    /// - Throws: `CLIError` of kind bad input that names the line.
    init?(_ path: String, isUsers: Bool) throws {
        guard access(path, F_OK) == 0 else { return nil }
        let file: FlatYAML
        do {
            file = try FlatYAML(try InputFile.read(path), file: path, structured: Self.structured)
        } catch let error as FlatYAML.Problems {
            throw CLIError.invalidSettings(error.list.map(\.description).joined(separator: "\n"), hint: nil)
        }
        for entry in file.entries where !Self.names.contains(entry.name) {
            throw CLIError.invalidSettings(
                "\(entry.position): there is no setting '\(entry.name)'",
                hint: Suggestion.text(for: entry.name, among: Self.names)
                    ?? "there is " + Self.names.joined(separator: ", "))
        }
        if !isUsers, let entry = file.entries.first(where: { Self.userOnly.contains($0.name) }) {
            throw CLIError.invalidSettings(
                "\(entry.position): '\(entry.name)' decides what is started or reached, which a project's file may not",
                hint: "move it to your own file, config.yaml in ~/.config/stoa, or set \(Settings.variable(entry.name))"
            )
        }
        entries = Dictionary(file.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    /// The file as a layer of settings.
    var layer: Settings.Layer {
        Settings.Layer { name in
            entries[name].map { "\($0.position): \(name)" } ?? name
        } value: { name in
            guard let text = entries[name]?.text else { return nil }
            // A journal's place is meant from the file, not from wherever the program is started.
            return name == "journal" && !text.hasPrefix("/") ? folder + text : text
        }
    }

    /// The files that hold: `stoa.yaml` in the working directory or the closest folder above it, then the user's.
    ///
    /// - Parameters:
    ///   - environment: where the user's file is.
    ///   - workingDirectory: where the search begins.
    /// - Returns: the layers, the strongest first.
    /// - Throws: `CLIError`.
    static func layers(
        environment: ProcessEnvironment, workingDirectory: String
    ) throws -> [Settings.Layer] {
        [try project(workingDirectory), try user(environment)].compactMap { $0?.layer }
    }

    private static func project(_ workingDirectory: String) throws -> SettingsFile? {
        var folder = workingDirectory
        while true {
            if let file = try SettingsFile(folder == "/" ? "/stoa.yaml" : folder + "/stoa.yaml", isUsers: false) {
                return file
            }
            guard folder != "/", let slash = folder.lastIndex(of: "/") else { return nil }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
    }

    private static func user(_ environment: ProcessEnvironment) throws -> SettingsFile? {
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") {
            return try SettingsFile(folder + "/stoa/config.yaml", isUsers: true)
        }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return try SettingsFile(home + "/.config/stoa/config.yaml", isUsers: true)
    }
}
