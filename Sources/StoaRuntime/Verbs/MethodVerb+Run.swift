internal import StoaCore

extension MethodVerb {
    /// Has the agent follow the method.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let words = try await conductor.words(
            agent, prompt: prompt, maximumTokens: maximumTokens, sampling: SamplingOverrides(), stop: stop, of: step.id,
            in: frame)
        let method = Assignment.MethodTask(
            type: plan.type, options: try await conductor.options(plan, of: step.id, in: frame), texts: plan.texts,
            tools: conductor.plan.tools, ledger: frame.ledger)
        let turn = try await conductor.turn(
            background, of: step.id, by: agent, adapter: adapter, sample: sample, in: frame)
        try await conductor.assign(
            words.task, to: agent, step, turn: turn, method: method, timeout: timeout, as: .say, isCut: words.isCut,
            in: &frame)
    }
}
