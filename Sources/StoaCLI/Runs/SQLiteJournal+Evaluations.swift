internal import StoaCore
internal import StoaEvaluation
internal import StoaJournal

extension SQLiteJournal {
    /// The evaluation that a person means.
    ///
    /// - Parameter name: an evaluation's id, the beginning of one, or `latest`.
    /// - Returns: its id.
    /// - Throws: `JournalError.unknownRun` where there is none.
    func resolveEvaluation(_ name: String) async throws -> RunID {
        guard name == "latest" else { return try await resolve(name) }
        guard let latest = try await runs().first(where: \.isEvaluation) else {
            throw JournalError.unknownRun("latest evaluation")
        }
        return latest.id
    }

    /// Names in which an evaluation stands for its runs too.
    ///
    /// - Parameters:
    ///   - runs: runs and evaluations.
    ///   - keepsEvaluations: whether the evaluations themselves stay among them.
    /// - Returns: each name once.
    /// - Throws: `JournalError`, `EvaluationError`.
    func expanded(_ runs: [RunID], keepsEvaluations: Bool) async throws -> [RunID] {
        var found: [RunID] = []
        var known: Set<RunID> = []
        func add(_ run: RunID) { if known.insert(run).inserted { found.append(run) } }
        for run in runs {
            guard try await self.run(run).isEvaluation else {
                add(run)
                continue
            }
            if keepsEvaluations { add(run) }
            for item in try await EvaluationLog(run, in: self).read().items { add(item.run) }
        }
        return found
    }
}
