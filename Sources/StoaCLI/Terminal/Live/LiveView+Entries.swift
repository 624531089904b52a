internal import StoaCore
internal import StoaRuntime

// What is over: lines that stay on the terminal.

extension LiveView {
    /// The most lines of a text that are shown where not everything is wanted.
    private static let textLines = 16

    func lines(for entry: LiveEntry, width: Int) -> [StyledText] {
        switch entry {
        case .title(let playbook, let seed, let run, let resumed):
            let title = StyledText(playbook, .bold) + StyledText(resumed ? "  goes on" : "", .yellow)
            return [.line([title, StyledText("run \(run)", .dim), StyledText("seed \(seed)", .dim)], width: width)]
        case .parameter(let name, let value):
            return text("\(name): \(value)", style: .dim, indent: "", width: width)
        case .work(let activity, let usage, let duration, let isRecorded):
            return work(activity, usage, duration, isRecorded: isRecorded, width: width)
        case .restart(let effect, let reason, let attempt):
            let who = effect?.agent?.rawValue ?? effect?.place ?? "an agent"
            let head = StyledText("↻ ", .yellow) + StyledText(who, .bold)
            return [.line([head, StyledText("starts again, attempt \(attempt + 1)", .yellow)], width: width)]
                + text(reason, style: nil, indent: Self.indent(width), width: width)
        case .decision(let effect, let decision):
            // The words name the step themselves, for those who read lines.
            let name = effect.map { "\($0.node): " } ?? ""
            let words = decision.hasPrefix(name) ? String(decision.dropFirst(name.count)) : decision
            return [
                .line(
                    [StyledText("◆ ", .dim) + StyledText(effect?.place ?? "run", .bold), StyledText(words)],
                    width: width)
            ]
        case .limit(let limit):
            return text(
                "⚠ \(limit.scope): \(limit.limit) is used up, \(Self.amount(limit.spent)) of "
                    + "\(Self.amount(limit.allowed))",
                style: .yellow, indent: "", width: width)
        case .end(let status):
            switch status {
            case .completed, .running, .limit: return []
            case .failed, .cancelled, .interrupted, .approvalRequired:
                let words = status.rawValue.replacing("_", with: " ")
                return [.line([StyledText("■ \(words)", status == .failed ? .red : .yellow)], width: width)]
            }
        }
    }

    private func work(
        _ activity: LiveActivity, _ usage: Usage, _ duration: Duration, isRecorded: Bool, width: Int
    ) -> [StyledText] {
        let result = LiveEntry.result(activity.message)
        let isGood = result?.isGood ?? true
        let glyph = isRecorded ? "↺ " : isGood ? "✓ " : "✗ "
        var parts = [
            StyledText(glyph, isGood ? .green : .red) + StyledText(activity.agent, style(of: activity))
        ]
        if let result { parts.append(StyledText(result.text)) }
        if usage.latentSteps > 0 { parts.append(StyledText(LiveText.counted(usage.latentSteps, "step"))) }
        if usage.decodedTokens > 0 { parts.append(StyledText(LiveText.counted(usage.decodedTokens, "token"))) }
        if !isRecorded { parts.append(StyledText(LiveText.seconds(duration), .dim)) }
        parts.append(StyledText(activity.work.place, .dim))
        var lines: [StyledText] = []
        if let result, CellWidth.of(result.text) > width / 2 {
            // A long result has lines of its own.
            parts.remove(at: 1)
            lines = text(result.text, style: nil, indent: Self.indent(width), width: width)
        }
        let said = activity.text.isEmpty ? activity.message?.payload["text"]?.stringValue ?? "" : activity.text
        let (words, style): (String, StyledText.Style?) = said.isEmpty ? (activity.thoughts, .dim) : (said, nil)
        return [.line(parts, width: width)] + lines
            + text(words, style: style, indent: Self.indent(width), width: width)
    }

    /// A text in lines, its middle left out where it is long.
    private func text(_ text: String, style: StyledText.Style?, indent: StyledText, width: Int) -> [StyledText] {
        let room = max(width - indent.width, 1)
        var lines = TextWrap.lines(text, width: room)
        while lines.last?.isEmpty == true { lines.removeLast() }
        while lines.first?.isEmpty == true { lines.removeFirst() }
        func styled(_ lines: some Sequence<String>) -> [StyledText] { lines.map { indent + StyledText($0, style) } }
        guard lines.count > Self.textLines, !options.isVerbose else { return styled(lines) }
        let (head, tail) = (lines.prefix(Self.textLines / 2), lines.suffix(Self.textLines / 2 - 1))
        let omitted = StyledText("⋯ \(lines.count - head.count - tail.count) more lines", .dim)
        return styled(head) + [(indent + omitted).fitted(to: width)] + styled(tail)
    }

    /// A number without a fraction where it has none.
    private static func amount(_ number: Double) -> String {
        Int(exactly: number).map(LiveText.count) ?? String((number * 100).rounded() / 100)
    }
}
