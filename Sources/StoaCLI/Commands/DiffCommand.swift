internal import ArgumentParser
internal import StoaCore
internal import StoaJournal
internal import StoaRuntime

/// `stoa diff`: where two runs differ.
struct DiffCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two runs: the first difference, and what each agent did; exit code 2.",
        discussion: "Events are compared in the order of their keys; times and names of runs do not count.")

    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A run.")
    var first: String

    @Argument(help: "Another run.")
    var second: String

    func run(in context: CommandContext) async throws {
        let journal = try journal.read(in: context)
        let (one, other) = (try await journal.resolve(first), try await journal.resolve(second))
        let comparison = RunComparison(
            try await journal.allEvents(of: one), try await journal.allEvents(of: other))
        try context.finish(
            Self.document(comparison, one, other), people: Self.text(comparison, one, other))
        if !comparison.areIdentical { throw EndWith(.different) }
    }

    private static func document(_ comparison: RunComparison, _ first: RunID, _ second: RunID) -> JSONValue {
        func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
        let difference: JSONValue =
            comparison.firstDifference.map { found in
                [
                    "key": .string(found.key.description),
                    "seq": [number(found.sequences.first), number(found.sequences.second)],
                    "path": .string(found.path), "values": [found.first ?? .null, found.second ?? .null],
                ]
            } ?? .null
        return [
            "runs": [.string(first.rawValue), .string(second.rawValue)],
            "identical": .bool(comparison.areIdentical),
            "events": [number(comparison.events.first), number(comparison.events.second)],
            "first_difference": difference,
            "agents": .array(
                comparison.agents.map { agent in
                    [
                        "agent": .string(agent.agent), "events": [number(agent.first), number(agent.second)],
                        "different": number(agent.different),
                        "decoded_tokens": [number(agent.firstTokens), number(agent.secondTokens)],
                    ]
                }),
        ]
    }

    private static func text(_ comparison: RunComparison, _ first: RunID, _ second: RunID) -> StyledText {
        var text: StyledText
        if let found = comparison.firstDifference {
            func value(_ value: JSONValue?) -> String { TextWrap.line(value?.text ?? "nothing", width: 400) }
            func place(_ sequence: Int?) -> String { sequence.map { " (event \($0))" } ?? " (no such event)" }
            text = StyledText("different", .red) + " first at \(found.key)"
            if !found.path.isEmpty { text += ": \(found.path)" }
            text += StyledText("\n  \(first)\(place(found.sequences.first))  ", .dim) + StyledText(value(found.first))
            text +=
                StyledText("\n  \(second)\(place(found.sequences.second))  ", .dim) + StyledText(value(found.second))
        } else {
            text = StyledText("identical", .green) + ": \(LiveText.counted(comparison.events.first, "event"))"
        }
        var table = TextTable(.leading, .trailing, .trailing, .trailing, .trailing)
        table.add(
            StyledText("AGENT", .dim), StyledText("EVENTS", .dim), StyledText("", .dim),
            StyledText("DIFFERENT", .dim), StyledText("TOKENS OUT", .dim))
        for agent in comparison.agents {
            table.add(
                StyledText(agent.agent, .bold), StyledText("\(agent.first)"), StyledText("\(agent.second)"),
                StyledText("\(agent.different)", agent.different > 0 ? .yellow : nil),
                StyledText("\(agent.firstTokens) / \(agent.secondTokens)"))
        }
        return text + "\n\n" + table.text
    }
}
