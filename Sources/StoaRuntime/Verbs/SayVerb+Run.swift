internal import StoaCore

extension SayVerb {
    /// Has the agent speak.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let words = try await conductor.words(
            agent, prompt: prompt, maximumTokens: maximumTokens, sampling: sampling, stop: stop, of: step.id, in: frame)
        var turn = try await conductor.turn(
            background, of: step.id, by: agent, adapter: adapter, sample: sample, in: frame)
        if let keeps = try await conductor.flag(latent, of: "\(step.id).latent", in: frame) {
            turn.keepsLatent = keeps
            // Steps may come after it all the same: its words are passed on then.
            if !keeps { turn.channel = .text }
        }
        turn.constraint = constraint
        if constraint != nil { turn.ledger = frame.ledger }
        turn.fence = try await conductor.word(fence, of: "\(step.id).fence", in: frame)
            .flatMap(FenceSyntax.init(rawValue:))
        try await conductor.assign(
            words.task, to: agent, step, turn: turn, timeout: timeout, as: .say, isCut: words.isCut, in: &frame)
    }
}
