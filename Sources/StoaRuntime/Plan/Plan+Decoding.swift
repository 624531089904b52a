internal import OrderedCollections
public import StoaCore

extension Plan {
    /// Reads and checks a playbook.
    ///
    /// - Parameters:
    ///   - document: the playbook with every `use:` of agents and tools replaced by what it names.
    ///   - environment: the names that it can use without defining them.
    /// - Throws: every problem that was found.
    public init(document: JSONValue, environment: PlanEnvironment) throws(PlanProblems) {
        let decoding = PlanDecoding(document: document, environment: environment)
        guard let members = document.objectValue else {
            let found = JSONText.kind(of: document)
            throw PlanProblems([PlanProblem(path: PlanPath(), message: "a playbook must be a mapping, found \(found)")])
        }
        guard decoding.outline.stepCount <= PlanLimits.steps else {
            let message = "more than \(PlanLimits.steps) steps"
            throw PlanProblems([PlanProblem(path: PlanPath()["steps"], message: message)])
        }
        let plan = Plan(reading: members, of: document, in: decoding)
        guard let plan, decoding.problems.isEmpty else {
            let unknown = PlanProblem(path: PlanPath(), message: "the playbook cannot be read")
            throw PlanProblems(decoding.problems.isEmpty ? [unknown] : decoding.problems)
        }
        self = plan
    }

    private init?(reading members: JSONValue.Members, of document: JSONValue, in decoding: PlanDecoding) {
        let parameterNames = members["parameters"]?.objectValue.map { Array($0.keys) } ?? []
        let reader = PlanReader(
            members, at: PlanPath(), fields: PlanFields.playbook, scope: PlanScope(parameters: parameterNames),
            what: "a playbook", in: decoding)
        _ = reader.integer("stoa")
        let name = reader.string("name")
        if let name, !PlanName.isName(name) {
            reader.report(
                "the name \(JSONText.quoted(name)) is not a letter followed by letters, digits, '_' and '-'",
                at: "name")
        }
        summary = reader.string("description") ?? ""
        decoding.parameters = parameterNames
        parameters = reader.parameters("parameters")
        models = reader.models("models")
        decoding.models = Array(models.keys)
        reader.readAgents("agents")
        tools = reader.tools("tools", approvals: reader.approvals("approvals"))
        budget = reader.budget("budget")
        latents = reader.choice("latents", LatentKeeping.self) ?? .recompute
        let steps = reader.steps("steps")
        let after = reader.scope.adding(steps: reader.exported("steps"))
        let output = reader.inside(after).text("output")
        reader.checkEvaluation("evaluate")
        agents = decoding.agents
        guard let name, let steps, let output else { return nil }
        self.document = document
        self.name = name
        self.steps = steps
        self.output = output
    }
}

extension PlanReader {
    /// The same mapping, read where other names can be seen.
    func inside(_ scope: PlanScope) -> PlanReader {
        PlanReader(members: members, path: path, fields: fields, scope: scope, decoding: decoding)
    }

    private init(
        members: JSONValue.Members, path: PlanPath, fields: [PlanField], scope: PlanScope, decoding: PlanDecoding
    ) {
        self.decoding = decoding
        self.path = path
        self.members = members
        self.fields = fields
        self.scope = scope
    }

    /// The entries of a section, each with a reader for its mapping; `shorthand` turns a text into a mapping.
    func entries(
        _ key: String, what: String, shorthand: String? = nil
    ) -> [(name: String, reader: PlanReader)] {
        guard let members = mapping(key), case .entries(let fields, _)? = field(key)?.kind else { return [] }
        guard members.count <= PlanLimits.entries else {
            report("\(members.count) entries, at most \(PlanLimits.entries) are allowed", at: key)
            return []
        }
        return members.compactMap { name, value in
            let place = path[key][name]
            var value = value
            if let shorthand, value.stringValue != nil { value = .object([shorthand: value]) }
            guard let members = value.objectValue else {
                let name = value.stringValue.flatMap { PlanName.isName($0) && key != "parameters" ? $0 : nil }
                decoding.report(
                    "\(what) must be a mapping, found \(JSONText.kind(of: value))", at: place,
                    suggestion: name.map { "write {use: \($0)}" })
                return nil
            }
            let reader = PlanReader(members, at: place, fields: fields, scope: scope, what: what, in: decoding)
            return (name, reader)
        }
    }
}
