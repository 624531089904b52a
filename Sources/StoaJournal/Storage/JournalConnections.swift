internal import GRDB
internal import StoaCore

/// The connections to a journal's file: one that writes, one that reads, and more for long reads.
///
/// In memory there is one that does everything.
struct JournalConnections: Sendable {
    /// Writes; its queue is where all transactions run.
    let writer: DatabaseQueue
    /// Reads, beside a transaction that is being committed.
    let reader: DatabaseQueue
    /// The file; nil in memory.
    let path: String?
    private let options: SQLiteJournal.Options

    /// Opens the file, makes it a journal where it is new, and checks it.
    ///
    /// - Parameters:
    ///   - path: the file; nil for memory.
    ///   - options: how to open it.
    /// - Throws: `JournalError`, `DatabaseError`.
    init(path: String?, options: SQLiteJournal.Options) throws {
        self.path = path
        self.options = options
        guard let path else {
            writer = try DatabaseQueue(configuration: Self.configuration(options))
            reader = writer
            try writer.inDatabase { try JournalSchema.prepare($0, name: options.name(of: nil)) }
            return
        }
        writer = try DatabaseQueue(path: path, configuration: Self.configuration(options))
        try writer.inDatabase { db in
            if options.access == .readOnly {
                // A version that is behind would need a writer to bring it forward.
                let version = try JournalSchema.check(db, name: path)
                guard version == JournalSchema.current else { throw JournalError.unknownVersion(version, of: path) }
                return
            }
            // The layout comes before the switch to WAL, so that a file of another program is left as it is.
            try JournalSchema.prepare(db, name: path)
            try db.execute(sql: "PRAGMA journal_mode = WAL")
        }
        reader = try Self.openReader(path, options)
    }

    /// A connection of its own for a read that takes long, so that nobody waits behind it.
    func longReader() throws -> DatabaseQueue {
        guard let path else { return writer }
        return try Self.openReader(path, options)
    }

    private static func openReader(_ path: String, _ options: SQLiteJournal.Options) throws -> DatabaseQueue {
        // A connection that may not write cannot open a WAL that does not exist yet, so this one may and does not.
        let reader = try DatabaseQueue(path: path, configuration: configuration(options))
        try reader.inDatabase { try $0.execute(sql: "PRAGMA query_only = ON") }
        return reader
    }

    private static func configuration(_ options: SQLiteJournal.Options) -> Configuration {
        var configuration = Configuration()
        configuration.label = "stoa.journal"
        configuration.readonly = options.access == .readOnly
        let (seconds, attoseconds) = options.patience.components
        configuration.busyMode = .timeout(Double(seconds) + Double(attoseconds) * 1e-18)
        configuration.prepareDatabase { db in
            // The file may come from anyone: its schema must not run what only a program should.
            try db.execute(sql: "PRAGMA trusted_schema = OFF")
            try db.execute(sql: "PRAGMA cell_size_check = ON")
            // So that replacing a row is removing it, which the guards of the schema refuse.
            try db.execute(sql: "PRAGMA recursive_triggers = ON")
            try db.execute(sql: "PRAGMA synchronous = \(options.synchronisation == .full ? "FULL" : "NORMAL")")
            // In KiB: the index over keys is written at random places, which should be in memory.
            try db.execute(sql: "PRAGMA cache_size = -16384")
            // In pages: a page that many commits change is copied back to the file once for all of them.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
        }
        return configuration
    }
}
