internal import ArgumentParser
internal import OrderedCollections
internal import StoaCore
internal import StoaJournal
internal import StoaRuntime

/// `stoa log show`: the events of a run.
struct LogShowCommand: ContextualCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the events of a run.")

    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The number of the first event to show.")
    var from = 1

    @Argument(help: "A run: its id, the beginning of one, or latest.")
    var run: String

    func run(in context: CommandContext) async throws {
        let journal = try journal.read(in: context)
        let id = try await journal.resolve(run)
        let record = try await journal.run(id)
        let events = try await journal.allEvents(of: id).filter { $0.sequence >= from }
        try context.finish(Self.document(record, events), people: Self.text(record, events, context.console))
    }

    private static func document(_ run: RunRecord, _ events: [RecordedEvent]) -> JSONValue {
        guard case .object(var members) = LogListCommand.document(run) else { return .null }
        if let parent = run.parent { members["at"] = .integer(Int64(parent.sequence)) }
        members["events"] = .array(
            events.map {
                EventDocument.document(sequence: $0.sequence, event: $0.event, observation: $0.observation)
            })
        return .object(members)
    }

    private static func text(_ run: RunRecord, _ events: [RecordedEvent], _ console: Console) -> StyledText {
        var text = StyledText(run.playbook, .bold) + "  run \(run.id)  "
        text += StyledText(run.presentStatus.rawValue.replacing("_", with: " "), run.presentStatus.style)
        text += StyledText("  \(run.started)", .dim)
        if let parent = run.parent { text += StyledText("\nbranched from \(parent.run) at \(parent.sequence)", .dim) }
        var table = TextTable(.trailing, .trailing, .leading, .leading)
        let width = console.output.width
        for recorded in events {
            let nanoseconds = recorded.observation.time.nanosecondsSinceEpoch - run.started.nanosecondsSinceEpoch
            let key = recorded.event.key
            table.add(
                StyledText("\(recorded.sequence)", .bold),
                StyledText(LiveText.seconds(.nanoseconds(max(0, nanoseconds))), .dim),
                StyledText(TextWrap.line("\(key)", width: 56), recorded.event.isObservation ? .dim : nil),
                StyledText(TextWrap.line(summary(recorded.event), width: max(width - 76, 24)), .dim))
        }
        return text + "\n\n" + table.text
    }

    /// What matters most in an event.
    private static func summary(_ event: Event) -> String {
        let payload = event.payload
        let content = payload["content"] ?? payload
        for name in ["text", "answer", "evidence", "output", "question", "status"] {
            if let text = content[name]?.stringValue, !text.isEmpty { return text }
        }
        return content.plainText
    }
}
