internal import GRDB
public import StoaCore

extension SQLiteJournal {
    /// Writes runs as JSON Lines, from which `importLines` makes the same runs again.
    ///
    /// The same runs give the same bytes, whichever journal they are in. A fork brings the events that it shares with
    /// its ancestors. Events that are added meanwhile are left out.
    ///
    /// Complexity: memory for one event or content, and for the digests of the contents.
    ///
    /// - Parameters:
    ///   - runs: the runs.
    ///   - write: takes each line, without its end.
    /// - Throws: `JournalError`, what `write` throws.
    public func exportLines(_ runs: [RunID], write: (String) throws -> Void) async throws {
        let plan = try await read { try ExportPlan(runs, $0) }
        var written: Set<SHA256Digest> = []
        try write(ExportLine.header(runs: plan.parts.count))
        for part in plan.parts {
            try write(ExportLine.text(part.run))
            var last = part.start
            while last < part.run.last {
                let (after, through) = (last, part.run.last)
                let events = try await read { db in
                    var events: [StoredEvent] = []
                    try StoredEvent.forEach(
                        of: part.run.record.id, after: after, through: through, limit: 64, db
                    ) { events.append($0) }
                    return events
                }
                guard let end = events.last?.sequence else {
                    throw JournalError.damaged("run \(part.run.record.id)", "event \(last + 1) is missing")
                }
                for event in events {
                    for digest in try event.decoded().blobs where written.insert(digest).inserted {
                        try write(ExportLine.text(try await blob(digest), digest: digest))
                    }
                    try write(ExportLine.text(event))
                }
                last = end
            }
        }
    }

    /// Takes the lines of an export: all of them or, where one cannot be accepted, none.
    ///
    /// Chains and contents are checked before anything is accepted. A run that is in the journal with the same content
    /// stays as it is; one with other content refuses the import.
    ///
    /// Complexity: memory for one line. Isolation: others wait with their writes until it is done.
    ///
    /// - Parameters:
    ///   - name: where the lines are from, for errors.
    ///   - next: gives the next line without its end, and nil at the end; called on the journal's own queue.
    /// - Returns: what was added.
    /// - Throws: `JournalError.invalidImport` and `.duplicate` with the line's number, what `next` throws.
    public func importLines(
        named name: String, _ next: sending @escaping () throws -> String?
    ) async throws -> ImportReport {
        // The closure is used by the writer alone, which takes it out of here.
        let source = LineSource(next)
        return try await write { db in
            var transfer = JournalImport()
            var number = 0
            do {
                while let line = try source.next() {
                    number += 1
                    try transfer.add(line, db)
                }
                try transfer.finish(db)
            } catch let error as ImportLine.Malformation {
                throw JournalError.invalidImport(name, line: max(number, 1), error.reason)
            } catch let error as JournalError {
                throw JournalError(
                    error.code, kind: .badInput, "\(name):\(max(number, 1)): \(error.message)", hint: error.hint)
            }
            return transfer.report
        }
    }
}

extension JournalError {
    /// A line that cannot be accepted.
    static func invalidImport(_ name: String, line: Int, _ reason: String) -> JournalError {
        JournalError(
            .invalidImport, kind: .badInput, "\(name):\(line): \(reason)",
            hint: "export the runs again with stoa log export; nothing was imported")
    }
}

/// Where the lines of an import come from, for one thread at a time.
private final class LineSource: Sendable {
    private let body: Guarded<() throws -> String?>

    init(_ body: sending @escaping () throws -> String?) { self.body = Guarded(body) }

    func next() throws -> String? { try body.withLock { try $0() } }
}
