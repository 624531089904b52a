internal import StoaCore

extension SayVerb {
    /// Has the agent speak.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let entry = try conductor.agent(agent)
        var wanted = entry.maximumTokens
        if let maximumTokens {
            wanted = try await conductor.number(maximumTokens, least: 1, of: "\(step.id).max_tokens", in: frame)
        }
        let allowed = frame.ledger.decodable(for: agent) ?? wanted
        try await conductor.assign(
            .say(
                prompt: prompt, maximumTokens: max(1, min(wanted, allowed)),
                sampling: sampling.applied(to: entry.sampling), stop: stop ?? entry.stop),
            to: agent, step, after: after, timeout: timeout, as: .say, isCut: allowed < wanted, in: &frame)
    }
}
