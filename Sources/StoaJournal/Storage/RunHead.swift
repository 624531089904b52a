internal import GRDB
internal import StoaCore

/// The end of a run's chain, where the next event goes.
struct RunHead {
    /// The run.
    let run: RunID
    /// The number of its last event.
    private(set) var last: Int
    /// The digest of its last event.
    private(set) var digest: SHA256Digest
    /// Whether only the part that a fork shares is here, which nothing may be added to.
    let isExcerpt: Bool
    /// What it shares with its ancestors, whose keys are taken too.
    private let inherited: Lineage?

    /// Reads the end of a run's chain.
    ///
    /// - Throws: `JournalError.unknownRun`.
    init(of run: RunID, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "SELECT last, head, parent_run, parent_seq, excerpt FROM run WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [run.rawValue]) else {
            throw JournalError.unknownRun(run.rawValue)
        }
        self.run = run
        last = try row.integer(0)
        digest = try row.digest(1)
        isExcerpt = try row.integer(4) != 0
        if let parent = try row.optionalText(2) {
            inherited = try Lineage(of: RunID(parent), through: try row.integer(3), db)
        } else {
            inherited = nil
        }
    }

    /// Adds an event behind the end.
    ///
    /// - Throws: `JournalError.duplicate`, `DatabaseError`.
    mutating func append(_ event: EncodedEvent, _ db: Database) throws {
        if let inherited, try inherited.contains(event.key, db) { throw JournalError.duplicate(event.key, in: run) }
        let next = event.digest(after: digest)
        do {
            try db.cachedStatement(sql: Self.insertion).execute(arguments: [
                run.rawValue, last + 1, event.key, event.kind, event.actor, event.payload, event.causes,
                event.isObservation, event.observed, DatabaseValue.blob(digest), DatabaseValue.blob(next),
            ])
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            throw JournalError.duplicate(event.key, in: run)
        }
        last += 1
        digest = next
        for digest in event.references {
            try db.cachedStatement(
                sql: "INSERT INTO event_blob (run, seq, sha256) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            ).execute(arguments: [run.rawValue, last, DatabaseValue.blob(digest)])
        }
    }

    /// Writes where the end is now.
    func save(_ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE run SET last = ?, head = ? WHERE id = ?")
            .execute(arguments: [last, DatabaseValue.blob(digest), run.rawValue])
    }

    private static let insertion =
        "INSERT INTO event (\(StoredEvent.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}
