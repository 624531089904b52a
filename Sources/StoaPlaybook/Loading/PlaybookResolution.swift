internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// Replaces every `use:` of agents and tools by what it names.
struct PlaybookResolution {
    private(set) var document: JSONValue
    private(set) var map: SourceMap
    private(set) var problems: [PlaybookProblem] = []
    private let folders: [String]
    private let playbook: String
    /// The kinds of tools that have code in a file beside theirs.
    private let kindsWithSource: Set<String>

    /// The most files that one `use` may lead through.
    static let chainLimit = 8

    /// The file beside a tool's that holds its code.
    static let sourceName = "main.py"

    /// What can be named with `use`.
    private struct Section: Sendable {
        var key: String
        var what: String
        var file: @Sendable (String) -> String
        var names: @Sendable (String) -> [String]
        /// What stands in for a file that could not be read, so that what is missing is not missing twice.
        var placeholder: JSONValue.Members
    }

    private static let sections = [
        Section(
            key: "agents", what: "agent", file: { "agents/\($0).yaml" },
            names: { folder in
                TextFile.names(in: TextFile.join(folder, "agents")).filter { $0.hasSuffix(".yaml") }
                    .map { String($0.dropLast(5)) }
            }, placeholder: ["prompt": ""]),
        Section(
            key: "tools", what: "tool", file: { "tools/\($0)/tool.yaml" },
            names: { TextFile.names(in: TextFile.join($0, "tools")) },
            placeholder: ["description": "", "kind": "builtin", "parameters": .emptyObject]),
    ]

    /// Prepares a resolution.
    ///
    /// - Parameters:
    ///   - document: the playbook as it was written.
    ///   - map: where its parts are.
    ///   - folders: where names are looked up.
    ///   - playbook: the playbook's file.
    ///   - kindsWithSource: the kinds of tools that have code in a file beside theirs.
    init(
        document: JSONValue, map: SourceMap, folders: [String], playbook: String, kindsWithSource: Set<String> = []
    ) {
        self.document = document
        self.map = map
        self.folders = folders
        self.playbook = playbook
        self.kindsWithSource = kindsWithSource
    }

    /// Replaces everything.
    mutating func resolve() {
        guard case .object(var members) = document else { return }
        for section in Self.sections {
            guard case .object(var entries)? = members[section.key], entries.count <= PlanLimits.entries else {
                continue
            }
            for (name, value) in entries {
                let path = PlanPath()[section.key][name]
                guard case .object(let own) = value, own["use"] != nil else { continue }
                entries[name] = .object(resolved(own, at: path, section, chain: []))
            }
            members[section.key] = .object(entries)
        }
        if case .object(let parameters)? = members["parameters"] {
            members["parameters"] = .object(readingRecords(parameters))
        }
        document = .object(members)
    }

    /// The parameters with the records that their defaults name: from here on a part of the document.
    private mutating func readingRecords(_ parameters: JSONValue.Members) -> JSONValue.Members {
        guard parameters.count <= PlanLimits.entries else { return parameters }
        var parameters = parameters
        for (name, value) in parameters {
            guard case .object(var parameter) = value, let file = parameter["default"]?.stringValue,
                parameter["type"]?.stringValue == PlanParameter.ValueType.records.rawValue
            else { continue }
            let path = PlanPath()["parameters"][name]["default"]
            let folder = TextFile.folder(of: playbook)
            let reading = RecordReading(of: file.hasPrefix("/") ? file : TextFile.join(folder, file))
            // Where they cannot be had, what follows from that is not reported again.
            parameter["default"] = .array(reading.records)
            problems += reading.problems
            if let reason = reading.failure { report("\(file): \(reason)", at: path) }
            parameters[name] = .object(parameter)
        }
        return parameters
    }

    /// A mapping under what it names with `use`.
    private mutating func resolved(
        _ members: JSONValue.Members, at path: PlanPath, _ section: Section, chain: [String]
    ) -> JSONValue.Members {
        var own = members
        guard let reference = own.removeValue(forKey: "use") else { return own }
        defer { map.remove(path["use"]) }
        let stub = section.placeholder.merging(own) { _, own in own }
        guard let name = reference.stringValue, PlanFields.isName(name) else {
            report(
                "'use' must be the name of a file in '\(section.key)', without its folder and ending", at: path["use"])
            return stub
        }
        guard !chain.contains(name), chain.count < Self.chainLimit else {
            let way = (chain + [name]).joined(separator: " -> ")
            report("\(section.what) '\(name)' uses itself: \(way)", at: path["use"])
            return stub
        }
        guard let (file, bytes) = find(name, section, at: path["use"]) else { return stub }
        let used = YAMLFile(bytes, file: file)
        problems += used.problems
        guard let value = used.value else { return stub }
        guard case .object(var base) = value else {
            report("the file must hold a mapping", in: file)
            return stub
        }
        map.graftMissing(used.map, under: path)
        addSource(to: &base, own, of: file)
        if base["use"] != nil {
            map[path["use"]] = used.map[PlanPath()["use"]]
            base = resolved(base, at: path, section, chain: chain + [name])
        }
        base.merge(own) { _, own in own }
        return base
    }

    /// The code of a tool that has some: it is the tool's file's neighbour, and from here on a part of the document.
    private mutating func addSource(to tool: inout JSONValue.Members, _ own: JSONValue.Members, of file: String) {
        guard let kind = tool["kind"]?.stringValue, kindsWithSource.contains(kind), tool["source"] == nil,
            own["source"] == nil, own["kind"] == nil || own["kind"] == tool["kind"]
        else { return }
        let path = TextFile.join(TextFile.folder(of: file), Self.sourceName)
        // Where it cannot be had, what follows from that is not reported again.
        tool["source"] = ""
        do throws(TextFile.Failure) {
            guard let text = String(validating: try TextFile.read(path), as: UTF8.self) else {
                return report("the file is not valid UTF-8", in: path)
            }
            tool["source"] = .string(text)
            guard text.utf8.count > PlanLimits.textBytes else { return }
            report("the file has \(text.utf8.count) bytes, at most \(PlanLimits.textBytes) are allowed", in: path)
            tool["source"] = ""
        } catch {
            let reason = if case .refused(let reason) = error { reason } else { "there is no such file" }
            report("the tool's code cannot be read: \(reason)", in: path)
        }
    }

    private mutating func find(_ name: String, _ section: Section, at path: PlanPath) -> (file: String, bytes: [UInt8])?
    {
        for folder in folders {
            let file = TextFile.join(folder, section.file(name))
            do throws(TextFile.Failure) {
                return (file, try TextFile.read(file))
            } catch {
                guard case .refused(let reason) = error else { continue }
                report("\(file) cannot be read: \(reason)", at: path)
                return nil
            }
        }
        var seen: Set<String> = []
        let names = folders.flatMap(section.names).filter { seen.insert($0).inserted }
        report(
            "there is no \(section.what) file for \(JSONValue.string(name).text)", at: path,
            suggestion: Suggestion.text(for: name, among: names) ?? "make \(section.file(name))")
        return nil
    }

    private mutating func report(_ message: String, at path: PlanPath, suggestion: String? = nil) {
        let position = map.position(of: PlanProblem(path: path, message: message))
        problems.append(
            PlaybookProblem(
                position: position ?? SourcePosition(file: playbook, line: 1, column: 1), message: message,
                suggestion: suggestion))
    }

    private mutating func report(_ message: String, in file: String) {
        problems.append(PlaybookProblem(position: SourcePosition(file: file, line: 1, column: 1), message: message))
    }
}
