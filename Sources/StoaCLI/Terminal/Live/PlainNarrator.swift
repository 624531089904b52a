internal import StoaCore
package import StoaRuntime
internal import Synchronization

/// Tells a run in plain lines where there is no terminal to draw on: one when a piece of work begins, one when it ends.
final class PlainNarrator: RunNarrator {
    private let console: Console
    private let state: Mutex<(lines: PlainLines, waiting: [String])>

    /// Creates a narrator.
    ///
    /// - Parameters:
    ///   - console: where the lines go, on standard error.
    ///   - detail: what else is told.
    init(console: Console, detail: PlainLines.Detail) {
        self.console = console
        state = Mutex((PlainLines(detail: detail), []))
    }

    func observe(_ update: RunUpdate) { state.withLock { $0.waiting += $0.lines.take(update) } }

    func flush() {
        let lines = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for line in lines { console.note(StyledText(line)) }
    }

    func finish() { flush() }
}

/// The lines of `PlainNarrator`: a pure state machine.
package struct PlainLines: Sendable {
    /// What is told besides the beginnings and ends of work.
    package enum Detail: Sendable, Hashable {
        /// Nothing.
        case steps
        /// What models say.
        case texts
        /// Every event.
        case events
    }

    private let detail: Detail
    private var texts: [EffectKey: String] = [:]
    private var messages: [EffectKey: Message] = [:]
    private var activities: [EffectKey: String] = [:]

    /// Creates the lines of a run that has not begun.
    package init(detail: Detail = .steps) { self.detail = detail }

    /// What an update is to be told with.
    ///
    /// - Parameter update: what happened.
    /// - Returns: lines without control characters.
    package mutating func take(_ update: RunUpdate) -> [String] {
        lines(for: update).map { TextWrap.line($0, width: .max) }
    }

    private mutating func lines(for update: RunUpdate) -> [String] {
        let work = update.effect?.work
        let who = work.map { "\($0.place)\($0.agent.map { ": \($0)" } ?? "")" } ?? "run"
        switch update.change {
        case .started(let playbook, let seed, let resumed):
            return ["\(playbook): run \(update.run) \(resumed ? "goes on" : "begins"), seed \(seed)"]
        case .working(let activity):
            if let work {
                activities[work] = activity
                texts[work] = ""
            }
            return ["\(who) \(Self.begins(activity))"]
        case .progress(.text(let text)):
            if let work { texts[work, default: ""] += text }
            return []
        case .progress(.waiting(let pause, let reason)): return ["\(who) waits \(LiveText.seconds(pause)): \(reason)"]
        case .progress: return []
        case .training(let progress):
            // Ten lines tell how it goes, however many steps there are.
            let isTold = progress.step % max(1, progress.steps / 10) == 0 || progress.step == progress.steps
            return isTold ? ["\(who): \(LiveText.training(progress))"] : []
        case .posted(let message):
            guard let work, let activity = activities[work] else { return [] }
            messages[work] = message
            // No agent is at work where a person is asked: the answer is the end of it.
            guard activity == "ask" else { return [] }
            activities[work] = nil
            return ["\(who) was answered"]
        case .worked(let usage, let duration, let isRecorded):
            return worked(who, work, usage, duration, isRecorded: isRecorded)
        case .decided(let words): return [words]
        case .restarted(let reason, let attempt):
            return ["\(who) failed and starts again, attempt \(attempt + 1): \(reason)"]
        case .limit(let limit): return ["\(limit.scope): \(limit.limit) is used up"]
        case .recorded(let sequence, let event, _): return detail == .events ? ["#\(sequence) \(event.key)"] : []
        case .spending: return []
        case .ended(let status): return ["run \(update.run) \(status.rawValue.replacing("_", with: " "))"]
        }
    }

    private mutating func worked(
        _ who: String, _ work: EffectKey?, _ usage: Usage, _ duration: Duration, isRecorded: Bool
    ) -> [String] {
        guard let work else { return [] }
        let text = texts.removeValue(forKey: work) ?? ""
        let message = messages.removeValue(forKey: work)
        let activity = activities.removeValue(forKey: work) ?? "say"
        var words = Self.ends(activity)
        if let result = LiveEntry.result(message) { words = result.text }
        if usage.latentSteps > 0 { words += " \(LiveText.counted(usage.latentSteps, "step"))" }
        if usage.decodedTokens > 0 { words += " \(LiveText.counted(usage.decodedTokens, "token"))" }
        let end = isRecorded ? "\(who) \(words), from the record" : "\(who) \(words) in \(LiveText.seconds(duration))"
        guard detail == .texts, !text.isEmpty else { return [end] }
        return [end] + TextWrap.lines(text, width: .max).map { "  \($0)" }
    }

    private static func begins(_ activity: String) -> String {
        switch activity {
        case "say": "speaks"
        case "think": "thinks"
        case "call": "calls a tool"
        case "verify": "checks"
        case "ask": "asks"
        case "train": "is trained"
        default: activity
        }
    }

    private static func ends(_ activity: String) -> String {
        switch activity {
        case "say": "spoke"
        case "think": "thought"
        case "call": "called a tool"
        case "verify": "checked"
        case "train": "was trained"
        default: "is done"
        }
    }
}
