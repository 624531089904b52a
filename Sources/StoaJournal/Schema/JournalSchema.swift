internal import GRDB
internal import StoaCore

/// How a journal is laid out in its file, version by version.
///
/// The file says what it is in SQLite's `application_id` and which layout it has in `user_version`. A new layout is a new
/// file beside `SchemaVersion1.swift` and a line in `versions`; the old ones stay for ever, as do the journals under
/// `Tests/Replay`, one per version, which must open and verify.
enum JournalSchema {
    /// `Stoa` in ASCII.
    static let applicationID = 0x5374_6F61

    /// A step from the layout before to the next.
    struct Version: Sendable {
        /// Its number, from 1.
        let number: Int
        /// Brings a journal of the version before to this one, inside a transaction.
        ///
        /// It may add and rearrange, but never change a text that a digest covers.
        let upcast: @Sendable (Database) throws -> Void
    }

    /// All versions in order.
    static let versions = [Version(number: 1, upcast: SchemaVersion1.create)]

    /// The version that this program writes.
    static var current: Int { versions.count }

    /// What a file turned out to be.
    enum State: Equatable {
        /// Nothing yet: a new file.
        case empty
        /// A journal of a version.
        case journal(version: Int)
        /// A database of some other program.
        case foreign
    }

    /// Looks at what a file is, without changing it.
    static func state(_ db: Database) throws -> State {
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if application == applicationID { return .journal(version: version) }
        let objects = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        return application == 0 && version == 0 && objects == 0 ? .empty : .foreign
    }

    /// Makes the file a journal of the current version: lays out a new one, brings an old one forward, refuses others.
    ///
    /// Two processes may do so at once; the second finds the work done.
    ///
    /// - Parameters:
    ///   - db: a connection that may write.
    ///   - name: the file, for errors.
    /// - Throws: `JournalError.notAJournal`, `.unknownVersion`.
    static func prepare(_ db: Database, name: String) throws {
        if try state(db) == .journal(version: current) { return }
        try db.inTransaction(.immediate) {
            let version = try check(db, name: name)
            for step in versions[version...] { try step.upcast(db) }
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(current)")
            return .commit
        }
    }

    /// The version of a file that this program can read or bring forward; 0 for an empty one.
    ///
    /// - Throws: `JournalError.notAJournal`, `.unknownVersion`.
    static func check(_ db: Database, name: String) throws -> Int {
        switch try state(db) {
        case .empty: return 0
        case .foreign: throw JournalError.notAJournal(name, because: "it is a database of another program")
        case .journal(let version):
            guard (1...current).contains(version) else { throw JournalError.unknownVersion(version, of: name) }
            return version
        }
    }
}
