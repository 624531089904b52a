internal import GRDB
internal import StoaCore

/// The stretches of events that make up a run: those it shares with its ancestors, oldest first, then its own.
struct Lineage: Sendable {
    /// Events of one run, behind one number and up to another.
    struct Stretch: Sendable {
        /// The run that wrote them.
        let run: RunID
        /// The number before the first.
        let after: Int
        /// The number of the last; `Int.max` where the end is open.
        let through: Int
    }

    /// The stretches, oldest first; none is empty.
    let stretches: [Stretch]

    /// Follows a run's parents.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - through: the last number that is wanted.
    ///   - db: a connection.
    /// - Throws: `JournalError.unknownRun`, `.damaged` where the parents go round in a circle.
    init(of run: RunID, through: Int = .max, _ db: Database) throws {
        var stretches: [Stretch] = []
        var next: RunID? = run
        var limit = through
        while let run = next {
            let statement = try db.cachedStatement(sql: "SELECT parent_run, parent_seq FROM run WHERE id = ?")
            guard let row = try Row.fetchOne(statement, arguments: [run.rawValue]) else {
                guard let child = stretches.last?.run else { throw JournalError.unknownRun(run.rawValue) }
                throw JournalError.damaged("run \(child)", "its parent \(run) is not in the journal")
            }
            let start = try row.optionalInteger(1) ?? 0
            // A fork that left before its parent's own first event shares nothing that the parent wrote.
            if start < limit { stretches.append(Stretch(run: run, after: start, through: limit)) }
            limit = min(limit, start)
            next = try row.optionalText(0).map { RunID($0) }
            guard stretches.count < Self.deepest else {
                throw JournalError.damaged("run \(run)", "its parents go round in a circle")
            }
        }
        self.stretches = stretches.reversed()
    }

    /// More generations than anyone makes.
    private static let deepest = 100_000

    /// The event with a key; nil where there is none.
    func event(_ key: String, _ db: Database) throws -> StoredEvent? {
        let statement = try db.cachedStatement(
            sql: "SELECT \(StoredEvent.columns) FROM event WHERE run = ? AND key = ? AND seq > ? AND seq <= ?")
        for stretch in stretches.reversed() {
            let arguments: StatementArguments = [stretch.run.rawValue, key, stretch.after, stretch.through]
            if let row = try Row.fetchOne(statement, arguments: arguments) { return try StoredEvent(row) }
        }
        return nil
    }

    /// Whether there is an event with a key.
    func contains(_ key: String, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT 1 FROM event WHERE run = ? AND key = ? AND seq > ? AND seq <= ?")
        return try stretches.contains { stretch in
            let arguments: StatementArguments = [stretch.run.rawValue, key, stretch.after, stretch.through]
            return try Row.fetchOne(statement, arguments: arguments) != nil
        }
    }

    /// The digest of the event with a number; nil where there is none.
    func digest(at sequence: Int, _ db: Database) throws -> SHA256Digest? {
        let statement = try db.cachedStatement(sql: "SELECT digest FROM event WHERE run = ? AND seq = ?")
        for stretch in stretches where sequence > stretch.after && sequence <= stretch.through {
            return try Row.fetchOne(statement, arguments: [stretch.run.rawValue, sequence])?.digest(0)
        }
        return nil
    }

    /// Gives events in order, one at a time.
    ///
    /// - Parameters:
    ///   - sequence: the number behind which to start.
    ///   - limit: the most events to give.
    ///   - db: a connection.
    ///   - body: what to do with each.
    /// - Throws: what the body throws, `DatabaseError`.
    func forEach(
        after sequence: Int = 0, limit: Int = .max, _ db: Database, _ body: (StoredEvent) throws -> Void
    ) throws {
        var left = limit
        for stretch in stretches where stretch.through > sequence && left > 0 {
            left -= try StoredEvent.forEach(
                of: stretch.run, after: max(sequence, stretch.after), through: stretch.through, limit: left, db, body)
        }
    }
}
