internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

// What is under way: a block for each agent at work, and a line with the state of the run.

extension LiveView {
    /// The most lines of an agent's text that are shown while it speaks.
    private static let textLines = 4
    private static let spinner = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

    /// A block for each agent at work, so many lines each that all have room.
    func blocks(width: Int, height: Int, at now: Duration) -> [StyledText] {
        let all = Array(activities.values)
        guard !all.isEmpty, height > 0 else { return [] }
        // Where not even the headers have room, the last line says how many more there are.
        let shown = all.count <= height ? all : Array(all.prefix(height - 1))
        let room = shown.count < all.count ? 0 : min(Self.textLines, (height - shown.count) / shown.count)
        var lines = shown.flatMap { block(for: $0, textLines: room, width: width, at: now) }
        if shown.count < all.count {
            lines.append(StyledText("… \(all.count - shown.count) more at work", .dim).fitted(to: width))
        }
        return lines
    }

    private func block(
        for activity: LiveActivity, textLines: Int, width: Int, at now: Duration
    ) -> [StyledText] {
        let frame = Int((now - activity.started) / .milliseconds(100))
        let glyph = String(Self.spinner[max(frame, 0) % Self.spinner.count])
        var parts = [
            StyledText(glyph + " ", .dim) + StyledText(activity.agent, style(of: activity)),
            StyledText(activity.doing),
        ]
        if activity.steps > 0 { parts.append(StyledText(LiveText.counted(activity.steps, "step"))) }
        if activity.tokens > 0 { parts.append(StyledText(LiveText.counted(activity.tokens, "token"))) }
        if let rate = activity.rate(at: now) { parts.append(StyledText(LiveText.rate(rate), .dim)) }
        parts.append(StyledText(activity.work.place, .dim))
        let indent = Self.indent(width)
        let (words, style): (String, StyledText.Style?) =
            activity.text.isEmpty ? (activity.thoughts, .dim) : (activity.text, nil)
        let text = Self.tail(of: words, lines: textLines, width: width - indent.width)
        return [StyledText.line(parts, width: width)] + text.map { (indent + StyledText($0, style)).fitted(to: width) }
    }

    /// The last lines of a text that grows.
    ///
    /// Only its end is broken into lines, from a place that stays put while the text grows, so that the lines do not
    /// jump about and long texts cost no more than short ones.
    private static func tail(of text: String, lines: Int, width: Int) -> [String] {
        guard lines > 0, width > 0, !text.isEmpty else { return [] }
        let block = 4096
        let scalars = text.unicodeScalars
        let skipped = max(0, scalars.count / block - 1) * block
        let end = String(scalars.dropFirst(skipped))
        var all = TextWrap.lines(end, width: width)
        while all.last?.isEmpty == true { all.removeLast() }
        return all.suffix(lines)
    }

    /// What stands before an agent's text.
    static func indent(_ width: Int) -> StyledText {
        switch width {
        case ..<4: ""
        case ..<24: StyledText("│", .dim)
        default: StyledText("  │ ", .dim)
        }
    }

    func style(of activity: LiveActivity) -> StyledText.Style {
        activity.work.agent.flatMap { styles[$0.role] } ?? .bold
    }

    // MARK: - The state of the run

    func footer(width: Int, elapsed: Duration, at now: Duration) -> StyledText {
        let underWay = activities.values.reduce(into: Usage()) { sum, activity in
            sum.decodedTokens += activity.tokens
            sum.latentSteps += activity.steps
        }
        let usage = spending.usage
        var parts = [StyledText("─ \(LiveText.seconds(elapsed))", .dim)]
        if let rate = rate.perSecond(at: now) { parts.append(StyledText("\(LiveText.rate(rate))", .bold)) }
        if let used = fullestBudget(with: underWay, elapsed: elapsed) {
            let style: StyledText.Style = used.fraction >= 0.9 ? .red : used.fraction >= 0.7 ? .yellow : .green
            parts.append(
                StyledText(LiveText.bar(used.fraction, width: 6), style)
                    + StyledText(" \(Int((used.fraction * 100).rounded())) % of \(used.name)", .dim))
        }
        parts.append(StyledText("out \(LiveText.count(usage.decodedTokens + underWay.decodedTokens))", .dim))
        let latent = usage.latentSteps + underWay.latentSteps
        if latent > 0 { parts.append(StyledText("latent \(LiveText.count(latent))", .dim)) }
        parts.append(StyledText("in \(LiveText.count(usage.prefillTokens + usage.cachedTokens))", .dim))
        if spending.toolCalls > 0 { parts.append(StyledText("tools \(spending.toolCalls)", .dim)) }
        return StyledText.line(parts, width: width)
    }

    /// The limit that will be reached first, as far as one can tell.
    private func fullestBudget(with underWay: Usage, elapsed: Duration) -> (name: String, fraction: Double)? {
        var usage = spending.usage
        usage += underWay
        func part(_ name: String, _ spent: Int, _ allowed: Int?) -> (String, Double)? {
            allowed.map { (name, $0 > 0 ? Double(spent) / Double($0) : 1) }
        }
        func part(_ name: String, _ spent: Duration, _ allowed: Duration?) -> (String, Double)? {
            allowed.map { (name, $0 > .zero ? spent / $0 : 1) }
        }
        let parts: [(String, Double)?] = [
            part("prefill_tokens", usage.prefillTokens, budget.prefillTokens),
            part("latent_steps", usage.latentSteps, budget.latentSteps),
            part("decoded_tokens", usage.decodedTokens, budget.decodedTokens),
            part("tokens", usage.total, budget.tokens),
            part("turns", spending.turns, budget.turns),
            part("tool_calls", spending.toolCalls, budget.toolCalls),
            part("wall_time", elapsed, budget.wallTime),
            part("working_time", spending.workingTime, budget.workingTime),
            budget.money.map { ("money", $0 > 0 ? spending.money / $0 : 1) },
        ]
        return parts.compactMap { $0 }.max { $0.1 < $1.1 }.map { (name: $0.0, fraction: min($0.1, 1)) }
    }
}
