internal import StoaCore

extension AskVerb {
    /// Asks a person; without one, takes the default or lets the run wait.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let key = frame.key(step)
        let question = try await conductor.render(question, in: frame)
        var effect = PersonRecord.effect(
            key: key, actor: .conductor, question: question, choices: choices, isApproval: false,
            world: conductor.world)
        if let fallback {
            let text = try await conductor.render(fallback, in: frame)
            let ask = effect.perform
            effect.perform = {
                do {
                    return try await ask()
                } catch is Parked {
                    return text
                }
            }
        }
        conductor.report(.working(activity: "ask"), at: key)
        let performed = try await conductor.world.performer.perform(
            effect, before: [], timeout: nil, after: frame.last, limit: { nil })
        let before = performed.isRecorded ? [] : [performed.event]
        guard case .value(let answer) = performed.outcome else {
            try await conductor.world.performer.recorder.commit(before)
            guard case .failed(let failure) = performed.outcome else { return }
            throw WorkFailure(failure: failure)
        }
        let message = try await conductor.post(
            ["text": .string(answer)], topic: step.id, at: key, before: before, cause: performed.event.key,
            in: &frame)
        frame.scope[step.id] = .message(message)
    }
}
