internal import StoaCore
internal import StoaJournal
internal import StoaRuntime

extension RunOutcome {
    /// Adds the times of what was done before this process: they are part of no reply, but the journal has them.
    ///
    /// - Parameters:
    ///   - recorded: the run as it was before it went on.
    ///   - journal: where it is kept.
    /// - Throws: `JournalError`.
    mutating func restoreTimes(of recorded: RecordedRun, in journal: SQLiteJournal) async throws {
        var seconds: [String: Double] = [:]
        var last: WallTime?
        for recorded in try await journal.allEvents(of: run) {
            last = recorded.observation.time
            guard recorded.event.key.kind == .effectCompleted else { continue }
            seconds[recorded.event.actor.role, default: 0] +=
                recorded.observation.details["seconds"]?.doubleValue ?? 0
        }
        for index in agents.indices {
            agents[index].spending.workingTime = .seconds(seconds[agents[index].agent] ?? 0)
        }
        spending.workingTime = agents.reduce(.zero) { $0 + $1.spending.workingTime }
        if recorded.record.status.isFinal, let last {
            let started = recorded.record.started.nanosecondsSinceEpoch
            duration = .nanoseconds(max(0, last.nanosecondsSinceEpoch - started))
        }
    }
}
