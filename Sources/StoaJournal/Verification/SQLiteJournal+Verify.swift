internal import GRDB
public import StoaCore

extension SQLiteJournal {
    /// Checks a run and what it shares with its ancestors: the chain over the stored texts, and the contents.
    ///
    /// Complexity: reads everything once, in constant memory.
    ///
    /// - Parameter run: the run.
    /// - Returns: what is intact.
    /// - Throws: `JournalError.unknownRun`; `.damaged` where the file is in no state to be read.
    public func verify(_ run: RunID) async throws -> VerificationReport {
        try await readSnapshot { db in
            let stored = try StoredRun.fetch(run, db)
            var chain = ChainCheck()
            var contents = ContentCheck()
            var firstBadContent: Int?
            try Lineage(of: run, db).forEach(db) { event in
                chain.add(event)
                guard let blobs = event.consistentBlobs() else { return chain.note(event.sequence) }
                if try !contents.areIntact(blobs, of: event, db) {
                    firstBadContent = firstBadContent ?? event.sequence
                }
            }
            chain.end(last: stored.last, head: stored.head)
            return VerificationReport(
                run: run, events: chain.events, chainIntact: chain.isIntact, blobsMissing: contents.bad.count,
                firstBadSequence: [chain.firstBad, firstBadContent].compactMap(\.self).min())
        }
    }
}
