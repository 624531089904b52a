internal import StoaCore
public import StoaRuntime

/// Finds playbooks and turns their files into plans.
///
/// A name is looked up as `playbooks/NAME` in the working directory and the folders above it, then in the other folders.
/// What a playbook names with `use` is looked up beside it first.
public struct PlaybookLoader: Sendable {
    /// Where names are looked up: a project, the user's data, or a share folder, each with `playbooks`, `agents` and
    /// `tools` in it.
    public let folders: [String]
    /// What relative paths are relative to.
    public let workingDirectory: String
    /// What the program has to offer to playbooks.
    public let environment: PlanEnvironment

    /// Creates a loader.
    ///
    /// - Parameters:
    ///   - workingDirectory: where the search begins, and what relative paths are relative to.
    ///   - folders: where else names are looked up, in this order: the user's data, then the share folder.
    ///   - environment: what the program has to offer to playbooks.
    public init(workingDirectory: String, folders: [String], environment: PlanEnvironment) {
        self.workingDirectory = workingDirectory
        self.environment = environment
        var upwards: [String] = []
        var folder = workingDirectory
        while true {
            upwards.append(folder)
            let parent = TextFile.folder(of: folder)
            if parent == folder || parent == "." { break }
            folder = parent
        }
        self.folders = upwards + folders
    }

    // MARK: - Finding

    /// The file of a playbook.
    ///
    /// - Parameter playbook: a name, or the path of a file or of its folder.
    /// - Returns: the path of the file.
    /// - Throws: `PlaybookError` where there is none.
    public func locate(_ playbook: String) throws(PlaybookError) -> String {
        let isPath = playbook.contains("/") || playbook.hasSuffix(".yaml") || playbook.hasSuffix(".yml")
        if !isPath, let file = named(playbook) { return file }
        let path = playbook.hasPrefix("/") ? playbook : TextFile.join(workingDirectory, playbook)
        let file = TextFile.isFolder(path) ? TextFile.join(path, "playbook.yaml") : path
        if TextFile.exists(file) { return playbook.isEmpty ? try missing(playbook, isPath: false) : file }
        return try missing(playbook, isPath: isPath)
    }

    private func named(_ name: String) -> String? {
        folders.lazy.map { TextFile.join($0, "playbooks/\(name)/playbook.yaml") }.first { TextFile.exists($0) }
    }

    private func missing(_ playbook: String, isPath: Bool) throws(PlaybookError) -> String {
        if isPath {
            throw PlaybookError(
                code: .notFound, message: "there is no playbook at \(playbook)",
                hint: "name a YAML file, a folder with a playbook.yaml in it, or one of stoa playbook list")
        }
        let names = list().map(\.name)
        throw PlaybookError(
            code: .notFound, message: "there is no playbook '\(playbook)'",
            hint: Suggestion.text(for: playbook, among: names)
                ?? (names.isEmpty ? "there are no playbooks here" : "there is " + names.joined(separator: ", ")))
    }

    /// The playbooks that can be found by name, in alphabetical order.
    public func list() -> [PlaybookSummary] {
        var found: [String: PlaybookSummary] = [:]
        for folder in folders {
            let playbooks = TextFile.join(folder, "playbooks")
            for name in TextFile.names(in: playbooks) where found[name] == nil {
                let path = TextFile.join(playbooks, "\(name)/playbook.yaml")
                guard let bytes = try? TextFile.read(path) else { continue }
                let description = YAMLFile(bytes, file: path).value?["description"]?.stringValue ?? ""
                found[name] = PlaybookSummary(name: name, summary: description, path: path)
            }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    // MARK: - Loading

    /// Everything that is wrong with a playbook.
    ///
    /// - Parameter playbook: a name, or the path of a file or of its folder.
    /// - Returns: the problems, in the order of the files and their lines; empty for a playbook that can be run.
    /// - Throws: `PlaybookError` where there is no such file, or it cannot be read.
    public func validate(_ playbook: String) throws(PlaybookError) -> [PlaybookProblem] {
        try read(try locate(playbook)).problems
    }

    /// A playbook as a plan.
    ///
    /// - Parameter playbook: a name, or the path of a file or of its folder.
    /// - Returns: the plan.
    /// - Throws: `PlaybookError` where there is no such playbook, and with every problem it has.
    public func load(_ playbook: String) throws(PlaybookError) -> Plan {
        let path = try locate(playbook)
        let (plan, problems) = try read(path)
        guard let plan else { throw .invalid(playbook, problems) }
        return plan
    }

    private func read(_ path: String) throws(PlaybookError) -> (plan: Plan?, problems: [PlaybookProblem]) {
        let bytes: [UInt8]
        do {
            bytes = try TextFile.read(path)
        } catch {
            let reason = if case .refused(let reason) = error { reason } else { "it is gone" }
            throw PlaybookError(code: .unreadable, message: "the playbook \(path) cannot be read: \(reason)")
        }
        return read(bytes, path: path)
    }

    /// Reads a playbook from bytes, as if they were the file's.
    func read(_ bytes: [UInt8], path: String) -> (plan: Plan?, problems: [PlaybookProblem]) {
        let file = YAMLFile(bytes, file: path)
        guard let value = file.value else { return (nil, file.problems) }
        let resolution = resolution(value, file.map, folders: neighbours(of: path) + folders, of: path)
        return plan(resolution, file.problems, path: path)
    }

    func resolution(
        _ value: JSONValue, _ map: SourceMap, folders: [String], of path: String
    ) -> PlaybookResolution {
        let kinds = environment.allToolKinds.filter(\.hasSource).map(\.name)
        var resolution = PlaybookResolution(
            document: value, map: map, folders: folders, playbook: path, kindsWithSource: Set(kinds))
        resolution.resolve()
        return resolution
    }

    func plan(
        _ resolution: PlaybookResolution, _ found: [PlaybookProblem], path: String
    ) -> (plan: Plan?, problems: [PlaybookProblem]) {
        var problems = found + resolution.problems
        do throws(PlanProblems) {
            let plan = try Plan(document: resolution.document, environment: environment)
            return (problems.isEmpty ? plan : nil, Self.ordered(problems, first: path))
        } catch {
            let start = SourcePosition(file: path, line: 1, column: 1)
            problems += error.problems.map { problem in
                PlaybookProblem(
                    position: resolution.map.position(of: problem) ?? start, message: problem.message,
                    suggestion: problem.suggestion)
            }
        }
        return (nil, Self.ordered(problems, first: path))
    }

    /// The project of a playbook in `playbooks/NAME/playbook.yaml`, and its own folder.
    private func neighbours(of path: String) -> [String] {
        let own = TextFile.folder(of: path)
        let parent = TextFile.folder(of: own)
        return parent.split(separator: "/").last == "playbooks" ? [TextFile.folder(of: parent), own] : [own]
    }

    private static func ordered(_ problems: [PlaybookProblem], first: String) -> [PlaybookProblem] {
        var seen: Set<PlaybookProblem> = []
        let unique = problems.filter { seen.insert($0).inserted }
        // Problems at one place stay in the order in which they were found.
        let sorted = unique.enumerated().sorted { left, right in
            let (one, other) = (left.element, right.element)
            if one.file != other.file { return one.file == first || other.file != first && one.file < other.file }
            return (one.line, one.column, left.offset) < (other.line, other.column, right.offset)
        }
        return sorted.map(\.element)
    }
}

/// A playbook that can be found by name.
public struct PlaybookSummary: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// What it does.
    public var summary: String
    /// Its file.
    public var path: String
}
