internal import OrderedCollections
internal import StoaCore

extension PlanStep {
    /// The names that can be read after the step: its own and those of the steps inside, but for those in a `for_each`.
    public var readableNames: [String] {
        guard !(verb is ForEachVerb) else { return [id] }
        return [id] + verb.blocks.flatMap { $0.steps.flatMap(\.readableNames) }
    }

    /// The step and all steps inside it, in order.
    public var descendants: [PlanStep] { [self] + verb.blocks.flatMap { $0.steps.flatMap(\.descendants) } }
}

extension Plan {
    /// All steps, inner ones included, in order.
    public var allSteps: [PlanStep] { steps.flatMap(\.descendants) }
}

extension AgentRole {
    /// The roles that say and think.
    static let speaking: [AgentRole] = [.solver, .teacher, .generator, .verifier]
}

extension PlanCount {
    /// The names it reads.
    public var names: [String] {
        switch self {
        case .literal: []
        case .expression(let expression): expression.names
        }
    }
}

extension PlanValue {
    /// The names it reads, each once, in order of appearance; members of objects in canonical order, since what is read first
    /// must not depend on whether the plan comes from its file or from a journal.
    public var names: [String] {
        var seen: Set<String> = []
        return allNames.filter { seen.insert($0).inserted }
    }

    private var allNames: [String] {
        switch self {
        case .constant: []
        case .text(let text): text.names
        case .expression(let expression): expression.names
        case .list(let elements): elements.flatMap(\.allNames)
        case .object(let members):
            members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }.flatMap(\.value.allNames)
        }
    }
}
