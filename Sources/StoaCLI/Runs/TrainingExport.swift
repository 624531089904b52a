internal import StoaCore
internal import StoaJournal
internal import StoaLearning
internal import StoaRuntime
internal import StoaVerify

/// Writes what agents said in runs as data for other people's trainers.
struct TrainingExport {
    let journal: SQLiteJournal
    let format: TrainingFormat
    let options: TrainingFormat.Options

    /// Writes runs, one after the other.
    ///
    /// Complexity: memory for one run.
    ///
    /// - Parameters:
    ///   - runs: the runs.
    ///   - console: told what could not be written.
    ///   - write: takes each line, without its end.
    /// - Throws: `JournalError`, `LearningError`, what `write` throws.
    func write(_ runs: [RunID], _ console: Console, _ write: (String) throws -> Void) async throws {
        var (count, missing) = (0, 0)
        for run in runs {
            let transcript = try await RunTranscript.read(run, from: journal)
            let rollouts = try Rollout.rollouts(of: transcript) { text in
                FinalAnswer(in: text, rules: FinalAnswer.Rule.explicit) != nil
            }
            let written = format.lines(of: rollouts, from: count, options)
            for line in written.lines { try write(line) }
            count += written.lines.count
            missing += written.withoutReference
        }
        if missing > 0 {
            console.note(
                StyledText(
                    "left out \(LiveText.counted(missing, "rollout")) whose right answer is not known: give the run its "
                        + "parameter 'reference'"))
        }
        if count == 0, missing == 0 {
            console.note(StyledText("nothing to write: no agent said anything", .dim))
        }
    }

    /// Writes what trainings of runs learned from, one run after the other.
    ///
    /// - Parameters:
    ///   - step: the step that trained.
    ///   - runs: the runs.
    ///   - write: takes each line, without its end.
    /// - Throws: `JournalError`, `LearningError`, what `write` throws.
    func write(examplesOf step: String, _ runs: [RunID], _ write: (String) throws -> Void) async throws {
        for run in runs {
            let transcript = try await RunTranscript.read(run, from: journal)
            for document in try TRLExample.documents(of: transcript, step: step) { try write(document.text) }
        }
    }
}
