internal import StoaCore
internal import StoaEvaluation
internal import StoaJournal
internal import StoaRuntime

/// Writes a run or an evaluation as a log of Inspect AI.
struct InspectExport {
    let journal: SQLiteJournal

    /// Writes the log, one JSON document.
    ///
    /// - Parameters:
    ///   - run: a run or an evaluation.
    ///   - write: takes each piece; a line may end behind it.
    /// - Throws: `JournalError`, what `write` throws.
    func write(_ run: RunID, _ write: (String) throws -> Void) async throws {
        let record = try await journal.run(run)
        let log: InspectLog
        if record.isEvaluation {
            log = InspectLog(EvalCommand.result(try await EvaluationLog(run, in: journal).read()))
        } else {
            let beginning = try await RunBeginning.of(run, in: journal)
            let models = beginning.models
            log = InspectLog(
                record, playbook: beginning.playbook, parameters: beginning.parameters,
                model: models["default"] ?? models.min { $0.key < $1.key }?.value)
        }
        try await log.write(reading: journal, write)
    }
}
