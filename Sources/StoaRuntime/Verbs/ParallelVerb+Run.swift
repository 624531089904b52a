internal import StoaCore

extension ParallelVerb {
    /// Carries out the branches at the same time.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let branches = branches
        let starts = branches.map { _ in frame }
        let (ends, failure) = await conductor.runConcurrently(starts, in: &frame) { index, frame in
            try await conductor.run(branches[index].steps, in: &frame)
        }
        for (branch, end) in zip(branches, ends) {
            frame.scope.merge(end.scope, defining: Set(branch.steps.flatMap(\.readableNames)))
        }
        if let failure { throw failure }
    }
}
