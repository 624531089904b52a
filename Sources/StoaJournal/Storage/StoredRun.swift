internal import GRDB
internal import StoaCore

/// A row of the table of runs.
struct StoredRun: Sendable {
    /// What is known of the run.
    var record: RunRecord
    /// Whether only the part that a fork shares is here.
    var isExcerpt: Bool
    /// The number of its last event, inherited ones included.
    var last: Int
    /// The digest of its last event.
    var head: SHA256Digest

    private static let columns = """
        id, playbook, started, parent_run, parent_seq, status, answer, owner_process, owner_ticks, owner_boot, \
        excerpt, last, head
        """

    /// Creates a row.
    init(record: RunRecord, isExcerpt: Bool = false, last: Int, head: SHA256Digest) {
        self.record = record
        self.isExcerpt = isExcerpt
        self.last = last
        self.head = head
    }

    private init(_ row: Row) throws {
        let id = RunID(try row.text(0))
        guard let status = RunStatus(rawValue: try row.text(5)) else {
            throw JournalError.damaged("run \(id)", "its status cannot be read")
        }
        record = RunRecord(
            id: id, playbook: try row.text(1), started: WallTime(nanosecondsSinceEpoch: Int64(try row.integer(2))),
            status: status, answer: try row.optionalText(6))
        if let parent = try row.optionalText(3) {
            record.parent = RunRecord.Fork(run: RunID(parent), sequence: try row.integer(4))
        }
        if let process = try row.optionalInteger(7) {
            record.owner = ProcessIdentity(
                process: process, startTicks: UInt64(bitPattern: Int64(try row.integer(8))), boot: try row.text(9))
        }
        isExcerpt = try row.integer(10) != 0
        last = try row.integer(11)
        head = try row.digest(12)
    }

    /// The row of a run; nil where there is none.
    static func find(_ id: RunID, _ db: Database) throws -> StoredRun? {
        let statement = try db.cachedStatement(sql: "SELECT \(columns) FROM run WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.rawValue]).map { try StoredRun($0) }
    }

    /// The row of a run.
    ///
    /// - Throws: `JournalError.unknownRun`.
    static func fetch(_ id: RunID, _ db: Database) throws -> StoredRun {
        guard let run = try find(id, db) else { throw JournalError.unknownRun(id.rawValue) }
        return run
    }

    /// All runs, the newest first; of those that began at the same time, the last one added.
    ///
    /// Excerpts are left out.
    static func fetchAll(_ db: Database, limit: Int = .max) throws -> [StoredRun] {
        let statement = try db.cachedStatement(
            sql: "SELECT \(columns) FROM run WHERE excerpt = 0 ORDER BY started DESC, rowid DESC LIMIT ?")
        return try Row.fetchAll(statement, arguments: [limit]).map { try StoredRun($0) }
    }

    /// The newest run of a playbook: evaluations are no such runs.
    static func fetchLatest(_ db: Database) throws -> StoredRun? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(columns) FROM run WHERE excerpt = 0 AND substr(playbook, 1, ?) <> ?
                ORDER BY started DESC, rowid DESC LIMIT 1
                """)
        let prefix = RunRecord.evaluationPrefix
        return try Row.fetchOne(statement, arguments: [prefix.unicodeScalars.count, prefix]).map { try StoredRun($0) }
    }

    /// Adds the row.
    func insert(_ db: Database) throws {
        let owner = record.owner
        let marks = Array(repeating: "?", count: 13).joined(separator: ", ")
        try db.cachedStatement(sql: "INSERT INTO run (\(Self.columns)) VALUES (\(marks))").execute(arguments: [
            record.id.rawValue, record.playbook, record.started.nanosecondsSinceEpoch, record.parent?.run.rawValue,
            record.parent?.sequence, record.status.rawValue, record.answer, owner?.process,
            owner.map { Int64(bitPattern: $0.startTicks) }, owner?.boot, isExcerpt, last, DatabaseValue.blob(head),
        ])
    }

    /// Writes who works on the run.
    func updateOwner(_ db: Database) throws {
        let owner = record.owner
        try db.cachedStatement(sql: "UPDATE run SET owner_process = ?, owner_ticks = ?, owner_boot = ? WHERE id = ?")
            .execute(arguments: [
                owner?.process, owner.map { Int64(bitPattern: $0.startTicks) }, owner?.boot, record.id.rawValue,
            ])
    }

    /// Writes how far the run is.
    func updateStatus(_ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE run SET status = ?, answer = ? WHERE id = ?")
            .execute(arguments: [record.status.rawValue, record.answer, record.id.rawValue])
    }

    /// Writes a row that was an excerpt anew, as it is in the whole run.
    func replaceExcerpt(_ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE run SET excerpt = 0 WHERE id = ?").execute(arguments: [record.id.rawValue])
        try updateStatus(db)
        try updateOwner(db)
    }
}

extension JournalError {
    /// A run of which only the part that a fork shares is here.
    static func excerpt(_ run: RunID, last: Int) -> JournalError {
        JournalError(
            .unknownEvent, "run \(run): only its first \(last) events are here, which a fork of it shares",
            hint: "import the whole run first")
    }
}
