internal import OrderedCollections
public import StoaCore

/// Scores the recorded answers of an evaluation anew, without running anything.
///
/// The result is an evaluation of its own that refers to the same runs, so that both can be compared; the first one is
/// never changed.
public struct EvaluationRescoring: Sendable {
    private let journal: any Journal
    private let clock: any TimeSource
    private let identifiers: any IdentifierSource
    private let process: ProcessIdentity

    /// Creates a rescoring.
    ///
    /// - Parameters:
    ///   - journal: where evaluations are kept.
    ///   - clock: the time.
    ///   - identifiers: where names come from.
    ///   - process: this process.
    public init(
        journal: any Journal, clock: any TimeSource, identifiers: any IdentifierSource, process: ProcessIdentity
    ) {
        self.journal = journal
        self.clock = clock
        self.identifiers = identifiers
        self.process = process
    }

    /// Scores an evaluation.
    ///
    /// - Parameters:
    ///   - id: the evaluation.
    ///   - verifier: who decides.
    ///   - references: right answers by the problems' ids, where the recorded ones are not to be used.
    /// - Returns: the new evaluation.
    /// - Throws: `EvaluationError`, `JournalError`.
    public func rescore(
        _ id: RunID, by verifier: any Verifier, references: [Problem] = []
    ) async throws -> EvaluationLog.Content {
        let old = try await EvaluationLog(id, in: journal).read()
        var definition = old.definition
        definition.scoring.verifier = verifier.name
        definition.rescored = id
        for problem in references {
            guard let place = definition.problems.firstIndex(where: { $0.id == problem.id }) else { continue }
            guard definition.problems[place].question == problem.question else {
                throw EvaluationError(
                    .notComparable, "problem '\(problem.id)': evaluation \(id) asked another question",
                    hint: "give the file that the evaluation was made of, with its answers mended")
            }
            definition.problems[place].answer = problem.answer
        }
        let log = EvaluationLog(identifiers.makeRunID(), in: journal)
        let observation = Observation(time: clock.wallTime, process: process.process)
        try await log.create(definition, observation, owner: process)
        let items = old.items.map { $0.scored(by: verifier, on: definition.problems[$0.problem]) }
        try await log.append(items, time: observation.time, process: process.process, elapsed: old.elapsed)
        try await log.finish("\(items.count { $0.isCorrect }) of \(items.count) right", observation)
        return try await log.read()
    }
}
