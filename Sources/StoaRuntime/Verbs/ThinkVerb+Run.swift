internal import StoaCore

extension ThinkVerb {
    /// Has the agent think, or say what it would think.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let word = try await conductor.word(channel, of: "\(step.id).channel", in: frame)
        let channel = word.flatMap(Channel.init(rawValue:)) ?? .latent
        switch channel {
        case .latent:
            let thinking = try await conductor.thinking(thinking, of: step.id, in: frame)
            let allowed = frame.ledger.thinkable(for: agent) ?? thinking.steps
            var cut = thinking
            cut.steps = max(0, min(thinking.steps, allowed))
            try await conductor.assign(
                .think(prompt: prompt, cut), to: agent, step,
                turn: try await conductor.turn(
                    background, of: step.id, by: agent, adapter: adapter, channel: channel, in: frame),
                timeout: timeout, as: thinking.steps > 0 ? .think : .read, isCut: cut.steps < thinking.steps, in: &frame
            )
        case .text, .spoken:
            let words = try await conductor.words(
                agent, prompt: prompt, maximumTokens: maximumTokens, sampling: sampling, stop: stop, of: step.id,
                in: frame)
            try await conductor.assign(
                words.task, to: agent, step,
                turn: try await conductor.turn(
                    background, of: step.id, by: agent, adapter: adapter, channel: channel, in: frame),
                timeout: timeout, as: .say, isCut: words.isCut, in: &frame)
        case .none:
            let value: JSONValue = ["text": "", "agent": .string(agent), "channel": .string(channel.rawValue)]
            let message = try await conductor.post(
                value, topic: step.id, at: frame.key(step, agent: agent), in: &frame)
            frame.scope[step.id] = .message(message)
        }
    }
}
