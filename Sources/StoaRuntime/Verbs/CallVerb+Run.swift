internal import OrderedCollections
internal import StoaCore

extension CallVerb {
    /// Has the executor call the tool.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        guard let entry = conductor.plan.tools[tool] else {
            throw WorkFailure(failure: EffectFailure(kind: .badInput, message: "the playbook has no tool \(tool)"))
        }
        try await conductor.assign(
            .call(tool: entry, arguments: arguments, session: session), to: executor, step, timeout: entry.timeout,
            as: .call,
            in: &frame)
    }
}
