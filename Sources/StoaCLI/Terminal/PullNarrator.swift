internal import StoaHub
internal import Synchronization

/// Tells a person on standard error how a pull goes: a line that moves on a terminal, a line per step elsewhere.
final class PullNarrator: Sendable {
    private struct State {
        var step: (phase: PullProgress.Phase, item: String)?
        var started: ContinuousClock.Instant?
        var startBytes: Int64 = 0
        var shown: ContinuousClock.Instant?
    }

    private let console: Console
    private let clock: ContinuousClock
    private let state = Mutex(State())

    init(console: Console, clock: ContinuousClock) {
        self.console = console
        self.clock = clock
    }

    /// Takes note of a step.
    func observe(_ progress: PullProgress) {
        let now = clock.now
        let (isNew, isDue, rate) = state.withLock { state -> (Bool, Bool, Double?) in
            let isNew = state.step.map { $0.phase != progress.phase || $0.item != progress.item } ?? true
            if isNew {
                state.step = (progress.phase, progress.item)
                state.started = now
                state.startBytes = progress.bytes
            }
            let isDue = isNew || state.shown.map { now - $0 >= .milliseconds(100) } ?? true
            if isDue { state.shown = now }
            let seconds = state.started.map { (now - $0) / .seconds(1) } ?? 0
            return (isNew, isDue, seconds > 0.5 ? Double(progress.bytes - state.startBytes) / seconds : nil)
        }
        if isNew, let note = Self.note(progress) { console.note(StyledText(note)) }
        if isDue { console.progress(Self.line(progress, rate: rate)) }
    }

    /// What is said once per step.
    private static func note(_ progress: PullProgress) -> String? {
        switch progress.phase {
        case .waiting: "\(progress.item): another process is fetching it; waiting"
        case .downloading: "downloading \(progress.item)" + (progress.total.map { " (\(ByteCount.text($0)))" } ?? "")
        case .retrying: "\(progress.item): the connection failed; trying again"
        case .unpacking: "unpacking \(progress.item)"
        case .verifying, .finished: nil
        }
    }

    /// What moves on a terminal.
    private static func line(_ progress: PullProgress, rate: Double?) -> String {
        var line = "  \(progress.phase.rawValue) \(progress.item)"
        if let total = progress.total, total > 0 {
            let percent = Int(Double(progress.bytes) / Double(total) * 100)
            line += "  \(percent) %  \(ByteCount.text(progress.bytes)) of \(ByteCount.text(total))"
        } else if progress.bytes > 0 {
            line += "  \(ByteCount.text(progress.bytes))"
        }
        if progress.phase == .downloading, let rate, rate > 0 {
            line += "  \(ByteCount.text(Int64(rate)))/s"
            if let total = progress.total, total > progress.bytes {
                line += "  \(Int((Double(total - progress.bytes) / rate).rounded(.up))) s left"
            }
        }
        return line
    }
}
