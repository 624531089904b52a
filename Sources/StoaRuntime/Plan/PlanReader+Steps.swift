internal import OrderedCollections
internal import StoaCore

/// Steps, and steps inside steps.
extension PlanReader {
    /// What the outline calls the `for_each` that is being read.
    var loopName: String { scope.step ?? path.description }

    /// The names that the steps at a key define for what comes after them.
    func exported(_ key: String) -> [String] { decoding.outline.exported(under: path[key], loop: scope.loop) }

    /// A list of at least one step.
    func steps(_ key: String, in scope: PlanScope? = nil) -> [PlanStep]? {
        guard let value = members[key] else { return nil }
        guard let elements = value.arrayValue, !elements.isEmpty else {
            reportWrong(
                key, expected: "a list of at least one step",
                suggestion: value.objectValue == nil ? nil : "begin the step with '- '")
            return nil
        }
        return steps(elements, at: path[key], in: (scope ?? self.scope).deeper())
    }

    /// A list of branches, each a step or a list of steps.
    func branches(_ key: String) -> [[PlanStep]]? {
        guard let value = members[key] else { return nil }
        guard let elements = value.arrayValue, !elements.isEmpty else {
            reportWrong(key, expected: "a list of branches, each a step or a list of steps")
            return nil
        }
        let inside = scope.deeper()
        return elements.enumerated().map { index, element in
            let place = path[key][index]
            guard let steps = element.arrayValue else {
                return steps([element], at: path[key], in: inside, from: index) ?? []
            }
            guard !steps.isEmpty else {
                decoding.report("a branch needs at least one step", at: place)
                return []
            }
            return self.steps(steps, at: place, in: inside) ?? []
        }
    }

    private func steps(
        _ elements: [JSONValue], at path: PlanPath, in scope: PlanScope, from start: Int = 0
    ) -> [PlanStep]? {
        guard scope.depth <= PlanLimits.nesting else {
            decoding.report("steps nested deeper than \(PlanLimits.nesting) levels", at: path)
            return nil
        }
        var scope = scope
        var steps: [PlanStep] = []
        for (index, element) in elements.enumerated() {
            let place = path[start + index]
            if let members = element.objectValue {
                if let step = step(members, at: place, in: scope) { steps.append(step) }
            } else {
                decoding.report("a step must be a mapping, found \(JSONText.kind(of: element))", at: place)
            }
            // Also where the step could not be read: what is missing then is not missing twice.
            scope = scope.adding(steps: decoding.outline.exported(under: place, loop: scope.loop))
        }
        return steps
    }

    private func step(_ members: JSONValue.Members, at path: PlanPath, in scope: PlanScope) -> PlanStep? {
        let verbs = StepVerbs.verbs(of: members)
        guard verbs.count == 1, let type = verbs.first else {
            reportVerbs(verbs, of: members, at: path)
            return nil
        }
        let own = type.fields.map(\.key)
        let shared = PlanFields.step.filter { !own.contains($0.key) }
        let reader = PlanReader(
            members, at: path, fields: type.fields + shared, scope: scope.inside(members["id"]?.stringValue),
            what: "a '\(type.keyword)' step", in: decoding)
        let id = reader.stepID()
        let condition = own.contains("when") ? nil : reader.expression("when")
        let budget = reader.budget("budget")
        guard let verb = type.init(reading: reader), let id else { return nil }
        return PlanStep(id: id, condition: condition, budget: budget, verb: verb)
    }

    private func reportVerbs(_ verbs: [any StepVerb.Type], of members: JSONValue.Members, at path: PlanPath) {
        let keywords = StepVerbs.all.map { $0.keyword }
        if verbs.count > 1 {
            let found = verbs.map { "'\($0.keyword)'" }.joined(separator: " and ")
            decoding.report(
                "a step does one thing, this one has \(found)", at: path, suggestion: "make a step of each")
            return
        }
        let known = PlanFields.step.map(\.key)
        for key in members.keys where !known.contains(key) {
            guard let keyword = Suggestion.closest(to: key, among: keywords) else { continue }
            decoding.report(
                "a step has no key \(JSONText.quoted(key))", at: path[key], suggestion: "did you mean '\(keyword)'?",
                isAboutKey: true)
            return
        }
        decoding.report(
            "the step says nothing to do", at: path,
            suggestion: members["when"] == nil
                ? "add one of \(keywords.joined(separator: ", "))"
                : "add 'then', or one of \(keywords.filter { $0 != WhenVerb.keyword }.joined(separator: ", "))")
    }

    private func stepID() -> String? {
        guard let id = string("id") else { return nil }
        if let problem = PlanName.problem(of: id, what: "the step id") {
            report(problem.message, at: "id", suggestion: problem.suggestion)
        } else if decoding.parameters.contains(id) {
            report("the step id '\(id)' is the name of a parameter", at: "id", suggestion: "choose another name")
        }
        if !decoding.stepIDs.insert(id).inserted {
            let first = decoding.outline.entries[id].map { ", at \($0.path)" } ?? ""
            report("there is another step '\(id)'\(first)", at: "id", suggestion: "choose another name")
        }
        return id
    }
}
