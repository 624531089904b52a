internal import StoaCore

extension VerifyVerb {
    /// Has the judge decide.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        try await conductor.assign(
            .verify(verifier: verifier, text: text, reference: reference, question: question), to: judge, step,
            timeout: nil, as: .other, in: &frame)
    }
}
