internal import OrderedCollections
internal import StoaCore
internal import StoaEvaluation
internal import StoaRuntime

/// A run of rounds that has ended or stopped.
struct Evolution {
    let outcome: RunOutcome
    /// The playbook's name.
    let playbook: String
    /// The rounds, in order.
    let rounds: [JSONValue]

    /// The summary: the run's document, with what came of the rounds.
    ///
    /// A playbook's output that is an object says what is known besides, such as the accuracy before the first round.
    var summary: JSONValue {
        var members: JSONValue.Members = ["type": "summary", "playbook": .string(playbook)]
        if let text = outcome.answer, let said = try? JSONParser.parse(text), let own = said.objectValue {
            members.merge(own) { $1 }
        }
        members["rounds"] = .integer(Int64(rounds.count))
        let last = rounds.last
        for name in ["heldout_accuracy", "ci95", "adapter"] where members[name] == nil {
            members[name] = last?[name] ?? .null
        }
        if case .object(var run) = RunReport(outcome: outcome).document {
            run["answer"] = nil
            members.merge(run) { own, _ in own }
        }
        return .object(members)
    }

    /// `{summary, rounds}`: what the report is made from.
    var document: JSONValue { ["summary": summary, "rounds": .array(rounds)] }

    /// Tells the end and ends the command with the run's code.
    ///
    /// - Parameter context: the command's.
    /// - Throws: `EndWith` unless all went well; `CLIError` where standard output cannot be written.
    func finish(in context: CommandContext) throws {
        let console = context.console
        let summary = summary
        if context.json {
            try console.writeLine(StyledText(summary.text))
        } else if let last = rounds.last {
            var line: StyledText = "held out  "
            if let before = summary["before"], before["heldout_accuracy"] != nil {
                line += EvolutionTable.accuracy(before) + " before, "
            }
            line += EvolutionTable.accuracy(last) + " after \(LiveText.counted(rounds.count, "round"))"
            try console.writeLine(line)
        }
        let report = RunReport(outcome: outcome)
        console.note(RunSummary(outcome: outcome, width: nil).line)
        if let adapter = summary["adapter"]?.stringValue, !adapter.isEmpty {
            console.note("adapter " + StyledText(adapter, .cyan))
        }
        if outcome.status == .interrupted {
            console.note("resume  " + StyledText("stoa evolve --resume \(outcome.run)", .cyan))
        }
        if let failure = outcome.failure { console.report(failure) }
        guard report.exit == .success else { throw EndWith(report.exit) }
    }
}
