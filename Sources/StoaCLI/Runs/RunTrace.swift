internal import StoaCore
internal import StoaJournal
internal import StoaRuntime

/// A recorded run told through the view of live ones.
struct RunTrace {
    let run: RunRecord
    let journal: SQLiteJournal
    let clock: any TimeSource

    /// Shows the run.
    ///
    /// - Parameters:
    ///   - context: the command's.
    ///   - sequence: the number of the first event.
    ///   - speed: how many times as fast as it was; nil for all at once.
    /// - Throws: `JournalError`; `CancellationError`.
    func show(in context: CommandContext, from sequence: Int, speed: Double?) async throws {
        let narrator = Narration.narrator(nil, in: context, clock: clock).narrator
        let (run, journal, clock) = (run, journal, clock)
        try await narrator.narrating(clock: clock) {
            var last: WallTime?
            try await Trace(of: run.id, in: journal).forEach(from: sequence) { recorded, updates in
                let time = recorded.observation.time
                if let speed, let last, time > last {
                    let pause = Double(time.nanosecondsSinceEpoch - last.nanosecondsSinceEpoch) / speed
                    // A run that was stopped for a day is not watched for a day.
                    try await clock.sleep(for: min(.nanoseconds(pause), .seconds(10)))
                }
                last = time
                for update in updates { narrator.observe(Self.named(update, run.playbook)) }
            }
        }
    }

    /// An update in which the playbook has its name.
    private static func named(_ update: RunUpdate, _ playbook: String) -> RunUpdate {
        guard case .started(_, let seed, let resumed) = update.change else { return update }
        return RunUpdate(
            run: update.run, effect: nil, change: .started(playbook: playbook, seed: seed, resumed: resumed))
    }
}
