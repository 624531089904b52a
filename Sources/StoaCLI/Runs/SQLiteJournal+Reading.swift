internal import StoaCore
internal import StoaJournal

extension SQLiteJournal {
    /// All events of a run.
    ///
    /// Complexity: memory for the whole run; payloads only, no contents.
    func allEvents(of run: RunID) async throws -> [RecordedEvent] {
        var all: [RecordedEvent] = []
        while true {
            let events = try await events(in: run, after: all.last?.sequence ?? 0, limit: 1000)
            guard !events.isEmpty else { return all }
            all += events
        }
    }
}
