internal import OrderedCollections
internal import StoaCore

/// What is known of a playbook while it is read, and what is wrong with it.
///
/// One thread owns it for as long as one `Plan.init` takes.
final class PlanDecoding {
    let environment: PlanEnvironment
    let outline: PlanOutline
    private(set) var problems: [PlanProblem] = []
    private var reported: Set<PlanProblem> = []

    var parameters: [String] = []
    var models: [String] = []
    var agents: OrderedDictionary<String, PlanAgent> = [:]
    /// Agents with problems of their own: what follows from those is not reported again.
    var brokenAgents: Set<String> = []
    var tools: [String] = []
    /// The steps read so far.
    var stepIDs: Set<String> = []

    init(document: JSONValue, environment: PlanEnvironment) {
        self.environment = environment
        outline = PlanOutline(document: document)
    }

    func report(_ problem: PlanProblem) {
        guard problems.count < PlanLimits.problems, reported.insert(problem).inserted else { return }
        problems.append(problem)
    }

    func report(
        _ message: String, at path: PlanPath, suggestion: String? = nil, isAboutKey: Bool = false,
        place: PlanProblem.Place? = nil
    ) {
        report(
            PlanProblem(path: path, message: message, suggestion: suggestion, isAboutKey: isAboutKey, place: place))
    }

    // MARK: - Names

    /// Reports the names that a place cannot read.
    ///
    /// - Parameters:
    ///   - names: what is read.
    ///   - reader: who reads it, for messages, such as `this text`.
    ///   - scope: what can be read.
    ///   - path: the place.
    ///   - place: where in the text at the path a name is.
    func check(
        _ names: [String], readBy reader: String, in scope: PlanScope, at path: PlanPath,
        place: (String) -> PlanProblem.Place? = { _ in nil }
    ) {
        for name in names where !scope.contains(name) {
            let (message, suggestion) = explanation(of: name, readBy: reader, in: scope)
            report(message, at: path, suggestion: suggestion, place: place(name))
        }
    }

    private func explanation(
        of name: String, readBy reader: String, in scope: PlanScope
    ) -> (message: String, suggestion: String?) {
        guard let entry = outline.entries[name] else {
            if outline.variables.contains(name) {
                return (
                    "\(reader) reads '\(name)', which only exists inside the step that defines it",
                    Suggestion.text(for: name, among: scope.names)
                )
            }
            return (
                "\(reader) reads '\(name)', which is no parameter and no step",
                Suggestion.text(for: name, among: scope.names) ?? available(in: scope)
            )
        }
        if name == scope.step {
            return ("\(reader) reads '\(name)', the step it belongs to", "read a step that comes before")
        }
        if let step = scope.step, outline.entries[step]?.ancestors.contains(name) == true {
            return ("\(reader) reads '\(name)', the step around it", "read a step that comes before")
        }
        if let loop = entry.loop, loop != scope.loop, !isAround(loop, scope) {
            return (
                "\(reader) reads '\(name)', which is inside the for_each '\(loop)' and can't be read outside it",
                "read '\(loop)', the list of what its last step came to"
            )
        }
        if let shared = sharedAncestor(of: name, with: scope.step), let kind = outline.entries[shared]?.keyword,
            kind == ParallelVerb.keyword || kind == WhenVerb.keyword
        {
            let branch = kind == ParallelVerb.keyword ? "branch" : "case"
            if isBefore(entry.path, scope.step) || kind == WhenVerb.keyword {
                return (
                    "\(reader) reads '\(name)', which is in another \(branch) of '\(shared)'",
                    "read it after '\(shared)'"
                )
            }
        }
        return (
            "\(reader) reads '\(name)', which comes later, at \(entry.path)",
            "move '\(name)' up, or read a step that comes before"
        )
    }

    private func available(in scope: PlanScope) -> String? {
        scope.names.isEmpty || scope.names.count > 12 ? nil : "there is " + scope.names.joined(separator: ", ")
    }

    private func isAround(_ loop: String, _ scope: PlanScope) -> Bool {
        scope.step.flatMap { outline.entries[$0]?.ancestors.contains(loop) } ?? false
    }

    private func isBefore(_ path: PlanPath, _ step: String?) -> Bool {
        guard let other = step.flatMap({ outline.entries[$0]?.path }) else { return false }
        return path.precedes(other)
    }

    /// The innermost step around both.
    private func sharedAncestor(of name: String, with step: String?) -> String? {
        guard let first = outline.entries[name]?.ancestors,
            let second = step.flatMap({ outline.entries[$0]?.ancestors })
        else { return nil }
        return zip(first, second).prefix { $0 == $1 }.last?.0
    }

    /// Reports what an agent would have to read but may not.
    func checkReads(of agent: String, _ names: [String], in scope: PlanScope, at path: PlanPath) {
        guard let reads = agents[agent]?.reads else { return }
        for name in names where !reads.contains(name) && !scope.isVariable(name) && scope.contains(name) {
            report(
                "agent '\(agent)' needs '\(name)' here, but its 'reads' does not list it", at: path,
                suggestion: "add '\(name)' to agents.\(agent).reads")
        }
    }
}

extension PlanScope {
    /// Whether a name is a loop's variable, which needs no grant.
    func isVariable(_ name: String) -> Bool { variables.contains(name) }
}

extension PlanPath {
    /// Whether it comes before another path in the document; members of one object are compared by their keys' order
    /// only where the document decides it, which callers do not rely on.
    func precedes(_ other: PlanPath) -> Bool {
        for (first, second) in zip(components, other.components) where first != second {
            if case .index(let first) = first, case .index(let second) = second { return first < second }
            return false
        }
        return components.count < other.components.count
    }
}
