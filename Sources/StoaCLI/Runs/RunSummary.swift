internal import StoaCore
internal import StoaRuntime

/// The end of a run for people: who did what, and what can be done with it.
struct RunSummary {
    let outcome: RunOutcome
    /// The cells of a line of the terminal; nil where there is none.
    let width: Int?

    /// A line for each agent; nil where none did anything.
    ///
    /// A narrow terminal is shown fewer columns.
    var table: StyledText? {
        guard !outcome.agents.isEmpty else { return nil }
        let isNarrow = (width ?? .max) < 46
        var table = isNarrow ? Self.narrowTable : Self.wideTable
        func add(_ name: StyledText, _ spending: Spending, _ style: StyledText.Style?) {
            let usage = spending.usage
            func number(_ value: Int) -> StyledText { StyledText(LiveText.count(value), style) }
            let seconds = StyledText(Self.seconds(spending.workingTime), style)
            if isNarrow {
                table.add(name.fitted(to: max((width ?? 80) - 15, 4)), number(usage.decodedTokens), seconds)
            } else {
                table.add(
                    name, number(usage.prefillTokens + usage.cachedTokens), number(usage.latentSteps),
                    number(usage.decodedTokens), number(spending.toolCalls), seconds)
            }
        }
        for agent in outcome.agents { add(StyledText(agent.agent, .bold), agent.spending, nil) }
        if outcome.agents.count > 1 { add(StyledText("together", .dim), outcome.spending, .dim) }
        return table.text
    }

    private static var narrowTable: TextTable {
        var table = TextTable(.leading, .trailing, .trailing)
        table.add(StyledText("AGENT", .dim), StyledText("OUT", .dim), StyledText("S", .dim))
        return table
    }

    private static var wideTable: TextTable {
        var table = TextTable(.leading, .trailing, .trailing, .trailing, .trailing, .trailing)
        table.add(
            StyledText("AGENT", .dim), StyledText("TOKENS IN", .dim), StyledText("LATENT", .dim),
            StyledText("OUT", .dim), StyledText("TOOLS", .dim), StyledText("SECONDS", .dim))
        return table
    }

    private static func seconds(_ duration: Duration) -> String {
        let hundredths = Int((duration / .milliseconds(10)).rounded())
        let fraction = String(hundredths % 100)
        return "\(hundredths / 100).\(fraction.count == 1 ? "0" : "")\(fraction)"
    }

    /// How it ended, in a line.
    var line: StyledText {
        let style: StyledText.Style =
            switch outcome.status {
            case .completed: .green
            case .failed, .cancelled: .red
            case .limit, .running, .approvalRequired, .interrupted: .yellow
            }
        let words = outcome.status.rawValue.replacing("_", with: " ")
        var text = StyledText(words, style) + StyledText(" in \(LiveText.seconds(outcome.duration))")
        if let limit = outcome.limit { text += StyledText(", \(limit.scope): \(limit.limit) is used up") }
        return text + StyledText("  run \(outcome.run)  seed \(outcome.seed)", .dim)
    }

    /// What a person is asked, and how to answer.
    func question(_ pending: PendingDecision) -> StyledText {
        let call = Self.quoted(pending.effect.description)
        var text = StyledText("waiting: ", .yellow) + StyledText(TextWrap.line(pending.question, width: .max))
        if pending.isApproval {
            text += "\n  yes   \(Self.command("resume", outcome.run, "--approve", call))"
            text += "\n  no    \(Self.command("resume", outcome.run, "--deny", call))"
        } else {
            text += "\n  answer  \(Self.command("resume", outcome.run, "--answer", Self.quoted("\(pending.effect)=…")))"
        }
        return text
    }

    /// How to go on with a run.
    static func resume(_ run: RunID) -> StyledText { "resume  " + StyledText(command("resume", run), .cyan) }

    /// What can be done with the run.
    func commands(forkAt sequence: Int?) -> StyledText {
        var text = "replay  " + StyledText(Self.command("replay", outcome.run), .cyan)
        if let sequence {
            text += "\nfork    " + StyledText(Self.command("fork", outcome.run, "--at", String(sequence)), .cyan)
        }
        return text
    }

    private static func command(_ name: String, _ run: RunID, _ words: String...) -> String {
        (["stoa", name, run.rawValue] + words).joined(separator: " ")
    }

    /// A word that a shell reads as it is.
    static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || "-_./@=:,".unicodeScalars.contains($0)
        }
        return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }
}
