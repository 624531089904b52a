internal import StoaCore

extension ThinkVerb {
    /// Has the agent think.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let wanted = try await conductor.number(latentSteps, of: "\(step.id).latent_steps", in: frame)
        let allowed = frame.ledger.thinkable(for: agent) ?? wanted
        try await conductor.assign(
            .think(prompt: prompt, steps: max(0, min(wanted, allowed))), to: agent, step, after: after,
            timeout: timeout, as: .think, isCut: allowed < wanted, in: &frame)
    }
}
