internal import StoaCore

/// Tells of a training's steps: JSON Lines with `--json`, else a line that changes on a terminal.
final class TrainingNarrator: Sendable {
    private let console: Console
    private let json: Bool
    private let failure = Guarded<(any Error)?>(nil)

    init(context: CommandContext) {
        console = context.console
        json = context.json
    }

    /// Tells of a step.
    func tell(_ progress: TrainingProgress) {
        guard json else {
            let loss = (progress.loss * 1e4).rounded() / 1e4
            return console.progress("step \(progress.step) of \(progress.steps), loss \(loss) …")
        }
        let line: JSONValue = [
            "step": .integer(Int64(progress.step)), "steps": .integer(Int64(progress.steps)),
            "loss": .number(progress.loss), "learning_rate": .number(progress.learningRate),
        ]
        do {
            try console.writeLine(StyledText(line.text))
        } catch {
            // Nobody reads any more: the training ends at the next micro-batch, and leaves a checkpoint.
            failure.withLock { $0 = error }
            withUnsafeCurrentTask { $0?.cancel() }
        }
    }

    /// Ends the telling.
    ///
    /// - Throws: `CLIError` where a step could not be told of.
    func finish() throws {
        console.clearProgress()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
