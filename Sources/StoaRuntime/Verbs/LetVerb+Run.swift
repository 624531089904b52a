internal import StoaCore

extension LetVerb {
    /// Posts the values.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let value = try await conductor.evaluate(values, in: frame)
        let key = try await conductor.post(value, topic: step.id, at: frame.key(step), in: &frame)
        frame.scope[step.id] = .message(key)
    }
}
