public import StoaCore

/// Tells a recorded run as it was told live, without executing anything.
public struct Trace: Sendable {
    private let journal: any Journal
    private let run: RunID

    /// Creates a trace.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - journal: where it is kept.
    public init(of run: RunID, in journal: any Journal) {
        self.run = run
        self.journal = journal
    }

    /// Goes through the run.
    ///
    /// - Parameters:
    ///   - sequence: the number of the first event to tell; 1 for the beginning.
    ///   - body: is given each event with what it tells; what it tells may be nothing.
    /// - Throws: `JournalError`, or what `body` throws.
    public func forEach(
        from sequence: Int = 1, _ body: (RecordedEvent, [RunUpdate]) async throws -> Void
    ) async throws {
        let reader = ContentReader(journal: journal, readsNumbers: false)
        var after = max(0, sequence - 1)
        while true {
            // A window at a time: a run may be longer than memory.
            let events = try await journal.events(in: run, after: after, limit: 256)
            guard let last = events.last else { return }
            for event in events { try await body(event, updates(for: try await reader.whole(event))) }
            after = last.sequence
        }
    }

    private func updates(for recorded: RecordedEvent) -> [RunUpdate] {
        let event = recorded.event
        return changes(for: recorded).map { RunUpdate(run: run, effect: event.key.effect, change: $0) }
    }

    private func changes(for recorded: RecordedEvent) -> [RunUpdate.Change] {
        let (event, payload) = (recorded.event, recorded.event.payload)
        let duration = Duration.seconds(recorded.observation.details["seconds"]?.doubleValue ?? 0)
        switch event.key.kind {
        case .runStarted:
            let seed = payload["seed"]?.stringValue.flatMap { UInt64($0) } ?? 0
            return [.started(playbook: "", seed: seed, resumed: false)]
        case .runResumed: return [.decided("the run goes on")]
        case .effectIntended: return [.working(activity: activity(payload))]
        case .effectCompleted:
            if payload["effect"]?.stringValue == TrainingRecord.effect {
                return [.worked(usage: .zero, duration: duration, isRecorded: true)]
            }
            guard let text = payload["text"]?.stringValue else { return [] }
            return [.progress(.text(text))]
        case .messagePosted:
            guard let message = Message(recorded) else { return [] }
            guard message.from != .conductor else { return [.posted(message)] }
            return [.posted(message), .worked(usage: message.usage, duration: duration, isRecorded: true)]
        case .decided: return [.decided("\(event.key.effect.node): \(payload.canonicalText)")]
        case .limitReached: return LimitReached(document: payload).map { [.limit($0)] } ?? []
        case .sessionRestored: return [.decided(restored(payload))]
        case .agentRestarted:
            return [
                .restarted(
                    reason: payload["error"]?["message"]?.stringValue ?? "",
                    attempt: payload["attempt"]?.intValue ?? 1)
            ]
        case .runSuspended, .runFinished:
            return payload["status"]?.stringValue.flatMap(RunStatus.init(rawValue:)).map { [.ended($0)] } ?? []
        default: return []
        }
    }

    private func restored(_ payload: JSONValue) -> String {
        let account = ToolRestoration(
            calls: payload["calls"]?.intValue ?? 0,
            differing: (payload["differing"]?.arrayValue ?? []).compactMap(\.intValue))
        return account.words(of: payload["session"]?.stringValue ?? "")
    }

    private func activity(_ payload: JSONValue) -> String {
        switch payload["effect"]?.stringValue {
        case "model", "seek": "say"
        case "think": "think"
        case "tool": "call"
        case TrainingRecord.effect: "train"
        default: "ask"
        }
    }
}
