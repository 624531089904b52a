internal import OrderedCollections
internal import StoaCore

/// The tools.
extension PlanReader {
    func tools(_ key: String, approvals: ApprovalPolicy) -> OrderedDictionary<String, PlanTool> {
        decoding.tools = members[key]?.objectValue.map { Array($0.keys) } ?? []
        var tools: OrderedDictionary<String, PlanTool> = [:]
        for (name, reader) in entries(key, what: "a tool") {
            reader.checkName(of: "the tool")
            var tool = reader.tool(named: name)
            tool.approval = max(tool.approval, approvals.approval(of: name))
            tools[name] = tool
        }
        return tools
    }

    /// Who decides on calls, by patterns of names.
    func approvals(_ key: String) -> ApprovalPolicy {
        var rules: OrderedDictionary<String, PlanTool.Approval> = [:]
        guard let members = mapping(key), case .table(let words)? = field(key)?.kind else { return ApprovalPolicy() }
        for (pattern, value) in members {
            guard let approval = value.stringValue.flatMap(PlanTool.Approval.init(rawValue:)) else {
                decoding.report(
                    "'\(pattern)' must be one of \(words.joined(separator: ", ")), found \(JSONText.kind(of: value))",
                    at: path[key][pattern],
                    suggestion: value.stringValue.flatMap { Suggestion.text(for: $0, among: words) })
                continue
            }
            rules[pattern] = approval
        }
        return ApprovalPolicy(rules)
    }

    private func tool(named name: String) -> PlanTool {
        if let own = string("name"), own != name {
            report("the tool is called '\(name)' here and '\(own)' in itself", at: "name", suggestion: "use one name")
        }
        let kinds = decoding.environment.allToolKinds
        let kind = choice("kind", among: kinds.map(\.name))
        var tool = ToolSpecification(name: name, kind: kind ?? "builtin")
        tool.summary = string("description") ?? ""
        tool.parameters = schema("parameters") ?? .emptyObject
        tool.returns = schema("returns")
        tool.isIdempotent = boolean("idempotent") ?? false
        tool.sharesRunState = choice("session") == "run"
        tool.limits = toolLimits("limits")
        tool.packages = string("packages")
        tool.source = string("source")
        tool.options = mapping("options").map { .object($0) } ?? .emptyObject
        if let outline = kinds.first(where: { $0.name == kind }) { check(tool, outline) }
        return PlanTool(
            specification: tool, approval: choice("approval", PlanTool.Approval.self) ?? .auto,
            timeout: duration("timeout"))
    }

    /// Reports what does not suit the tool's kind.
    private func check(_ tool: ToolSpecification, _ kind: ToolKindOutline) {
        if let names = kind.toolNames, !names.contains(tool.name) {
            decoding.report(
                "there is no \(kind.name) tool \(JSONText.quoted(tool.name))", at: path,
                suggestion: Suggestion.text(for: tool.name, among: names)
                    ?? (names.isEmpty ? nil : "there is " + names.joined(separator: ", ")),
                isAboutKey: true)
        }
        if kind.hasSource, !has("source") {
            report(
                "a tool of kind \(kind.name) has code of its own: expected 'source', or a main.py beside its tool.yaml",
                at: "kind")
        }
        if !kind.hasSource, has("source") { report("a tool of kind \(kind.name) has no code of its own", at: "source") }
        if let set = tool.packages, !kind.packageSets.contains(set) {
            report(
                kind.packageSets.isEmpty
                    ? "a tool of kind \(kind.name) has no packages"
                    : "there are no packages \(JSONText.quoted(set))",
                at: "packages",
                suggestion: Suggestion.text(for: set, among: kind.packageSets)
                    ?? (kind.packageSets.isEmpty ? nil : "there is " + kind.packageSets.joined(separator: ", ")))
        }
        guard let schema = kind.options else {
            if has("options") { report("a tool of kind \(kind.name) has no options", at: "options") }
            return
        }
        for problem in schema.problems(of: tool.options, named: "options") {
            decoding.report("\(problem)", at: PlanPath(of: problem.path, in: path["options"]))
        }
    }

    /// A JSON Schema, which must be one that values can be checked with.
    private func schema(_ key: String) -> JSONValue? {
        guard let members = mapping(key) else { return nil }
        do {
            _ = try JSONSchema(.object(members))
        } catch {
            for problem in error.problems {
                decoding.report(
                    "the JSON Schema can't be used: \(problem.message)", at: PlanPath(of: problem.path, in: path[key]))
            }
        }
        return .object(members)
    }

    private func toolLimits(_ key: String) -> ToolLimits {
        guard let reader = object(key) else { return ToolLimits() }
        return ToolLimits(
            wall: reader.number("wall_seconds").map { .seconds($0) },
            memoryBytes: reader.integer("memory_mb").map { $0 << 20 }, outputBytes: reader.integer("output_bytes"))
    }
}

extension PlanPath {
    /// A place in a value that stands at a path.
    fileprivate init(of place: JSONPath, in path: PlanPath) {
        self = place.components.reduce(path) { path, component in
            switch component {
            case .key(let key): path[key]
            case .index(let index): path[index]
            }
        }
    }
}
