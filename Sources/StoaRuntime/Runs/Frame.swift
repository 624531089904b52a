internal import StoaCore

/// Where in a plan an execution is: the loops around it, the names it can read, and what it may still spend.
///
/// It is a value: concurrent branches have a copy each, and what they found is put together in the order of the branches.
public struct Frame: Sendable {
    /// The indices of the loops and branches around, outermost first.
    var indices: [Int] = []
    /// The indices of the concurrent ones among them: agents exist once for each.
    var branch: [Int] = []
    /// The names that steps can read.
    var scope = Scope()
    /// What may be spent.
    var ledger: Ledger
    /// The last event of this branch.
    var last: EventKey?

    /// The name of a step's work here.
    func key(_ step: PlanStep, agent: String? = nil) -> EffectKey {
        EffectKey(node: step.id, indices: indices, agent: agent.map { AgentID($0) })
    }

    /// The frame of an iteration.
    func iteration(_ index: Int) -> Frame {
        var frame = self
        frame.indices.append(index)
        return frame
    }
}
