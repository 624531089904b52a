internal import OrderedCollections
internal import StoaCore

/// Where every step of a document stands, found before anything is checked.
///
/// It answers what is wrong with a name that a step cannot read: defined later, in another branch, inside a loop, or not
/// at all.
struct PlanOutline {
    /// A step of the document.
    struct Entry {
        /// Where it is.
        var path: PlanPath
        /// Its verb; nil where it has none.
        var keyword: String?
        /// The steps around it, outermost first.
        var ancestors: [String]
        /// The `for_each` around it, the innermost; nil for none.
        var loop: String?
        /// Whether its value may have a latent, which later steps can have in mind.
        var leavesLatent: Bool
    }

    /// The first step with each name.
    private(set) var entries: OrderedDictionary<String, Entry> = [:]
    /// How many steps there are, as far as they were counted.
    private(set) var stepCount = 0
    /// What steps call the things they walk over.
    private(set) var variables: Set<String> = [
        ForEachVerb.indexName, RepeatVerb.roundName, ChooseVerb.candidateName,
    ]

    /// Finds the steps.
    ///
    /// - Parameter document: any document.
    init(document: JSONValue) {
        let context = Context(ancestors: [], loop: nil, depth: 0)
        visit(document["steps"], at: PlanPath()["steps"], context)
    }

    /// The names that steps at or under a path define for what comes after, as seen from inside the same `for_each`.
    func exported(under path: PlanPath, loop: String?) -> [String] {
        entries.filter { entry in
            entry.value.loop == loop && entry.value.path.components.starts(with: path.components)
        }.map(\.key)
    }

    /// Whether a step thinks, says something and keeps its latent, or ends every iteration with such a step.
    private static func leavesLatent(_ members: JSONValue.Members) -> Bool {
        switch StepVerbs.verb(of: members)?.keyword {
        case ThinkVerb.keyword: true
        case SayVerb.keyword: members["latent"] != nil && members["latent"] != false
        case ForEachVerb.keyword:
            // A list that cannot be read has been reported.
            members["do"]?.arrayValue?.last?.objectValue.map(leavesLatent) ?? true
        case nil: true
        default: false
        }
    }

    private struct Context {
        var ancestors: [String]
        var loop: String?
        var depth: Int
    }

    private mutating func visit(_ steps: JSONValue?, at path: PlanPath, _ context: Context) {
        guard context.depth <= PlanLimits.nesting * 2, let steps = steps?.arrayValue else { return }
        for (index, step) in steps.enumerated() {
            if step.arrayValue != nil {
                var inner = context
                inner.depth += 1
                visit(step, at: path[index], inner)
            } else if let members = step.objectValue {
                visit(members, at: path[index], context)
            }
        }
    }

    private mutating func visit(_ members: JSONValue.Members, at path: PlanPath, _ context: Context) {
        stepCount += 1
        guard stepCount <= PlanLimits.steps else { return }
        let id = members["id"]?.stringValue
        let keyword = StepVerbs.verb(of: members)?.keyword
        if let id, entries[id] == nil {
            entries[id] = Entry(
                path: path, keyword: keyword, ancestors: context.ancestors, loop: context.loop,
                leavesLatent: Self.leavesLatent(members))
        }
        var inner = context
        inner.depth += 1
        if let id { inner.ancestors.append(id) }
        if keyword == ForEachVerb.keyword {
            inner.loop = id ?? path.description
            if let variable = members["as"]?.stringValue { variables.insert(variable) }
        }
        for key in ["parallel", "do", "repeat", "then", "else"] { visit(members[key], at: path[key], inner) }
    }
}

extension StepVerbs {
    /// The verb of a step: the one whose keyword it has; nil for none or several.
    ///
    /// `when` counts only where there is no other, since any step may have it as its guard, and `parallel` only where
    /// there is no `for_each`, which has an option of that name.
    static func verb(of members: JSONValue.Members) -> (any StepVerb.Type)? {
        let found = verbs(of: members)
        return found.count == 1 ? found.first : nil
    }

    /// The verbs whose keywords a step has, as far as they are not keys of one of the others.
    static func verbs(of members: JSONValue.Members) -> [any StepVerb.Type] {
        let found = all.filter { members[$0.keyword] != nil }
        let withoutGuard = found.filter { $0.keyword != WhenVerb.keyword }
        let verbs = withoutGuard.isEmpty && members["then"] != nil ? found : withoutGuard
        return verbs.filter { verb in
            !verbs.contains { other in
                other.keyword != verb.keyword && other.fields.contains { $0.key == verb.keyword && !$0.isRequired }
            }
        }
    }
}
