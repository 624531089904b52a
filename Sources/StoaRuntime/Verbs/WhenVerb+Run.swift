internal import StoaCore

extension WhenVerb {
    /// Carries out one of the two blocks.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let holds = try await conductor.isTrue(condition, in: frame)
        let decision = try await conductor.decided(
            step, in: &frame, ["condition": .bool(holds)], ordinal: 1,
            words: "\(step.id): \(condition.source) is \(holds)")
        try await conductor.run(decision["condition"] == true ? then : otherwise, in: &frame)
    }
}
