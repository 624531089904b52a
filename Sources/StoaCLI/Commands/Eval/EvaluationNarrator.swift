internal import StoaCore
internal import StoaEvaluation
internal import StoaRuntime
internal import Synchronization

/// Tells a person how an evaluation goes: a line that moves on a terminal, its beginning elsewhere.
final class EvaluationNarrator: RunNarrator, EvaluationObserver {
    private struct State {
        var id: RunID?
        var progress: EvaluationProgress?
        var shown: EvaluationProgress?
        var start: Double?
    }

    private let console: Console
    private let state: Mutex<State>

    /// Creates a narrator.
    ///
    /// - Parameters:
    ///   - console: where to tell.
    ///   - id: the evaluation; nil where it has not begun.
    init(console: Console, id: RunID?) {
        self.console = console
        state = Mutex(State(id: id))
    }

    /// The evaluation; nil where it has not begun.
    var id: RunID? { state.withLock { $0.id } }

    /// Takes note of the evaluation's name.
    func begin(_ id: RunID) {
        state.withLock { $0.id = id }
        console.note(StyledText("evaluation \(id)", .dim))
    }

    func observe(_ update: RunUpdate) {}

    func observe(_ progress: EvaluationProgress) {
        state.withLock { state in
            // Several tasks tell; what is behind what was told already is left out.
            if progress.done < state.progress?.done ?? 0 { return }
            if state.progress == nil { state.start = progress.elapsed }
            state.progress = progress
        }
    }

    func flush() {
        let due = state.withLock { state -> (EvaluationProgress, Double)? in
            guard let progress = state.progress, progress != state.shown else { return nil }
            state.shown = progress
            return (progress, state.start ?? 0)
        }
        guard let (progress, start) = due else { return }
        console.progress(Self.line(progress, since: start))
    }

    func finish() { console.clearProgress() }

    private static func line(_ progress: EvaluationProgress, since start: Double) -> String {
        let share = Double(progress.done) / Double(max(progress.total, 1))
        var line = "  \(LiveText.bar(share, width: 20))  \(progress.done) of \(progress.total)"
        if progress.done > 0 {
            line += "  \(progress.correct) right"
            line += " (\(NumberText.percent(Double(progress.correct) / Double(progress.done))))"
        }
        if progress.failed > 0 { line += "  \(progress.failed) failed" }
        if progress.own > 0 {
            let left = (progress.elapsed - start) / Double(progress.own) * Double(progress.total - progress.done)
            line += "  \(NumberText.seconds(left)) left"
        }
        return line
    }
}
