internal import GRDB
internal import StoaCore

/// Checks that contents are there and have their digests, each of them once.
struct ContentCheck {
    /// The contents that are missing or damaged.
    private(set) var bad: Set<SHA256Digest> = []
    private var good: Set<SHA256Digest> = []

    /// So many digests are remembered as checked: contents that many events share are read once, and memory stays flat.
    private static let remembered = 1 << 16

    /// Checks the contents of an event.
    ///
    /// - Parameters:
    ///   - digests: what its observed part says came along.
    ///   - event: the event.
    ///   - db: a connection.
    /// - Returns: whether all are intact and the journal knows that the event refers to them.
    /// - Throws: `JournalError`, `DatabaseError`.
    mutating func areIntact(_ digests: [SHA256Digest], of event: StoredEvent, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(sql: "SELECT sha256 FROM event_blob WHERE run = ? AND seq = ?")
        let rows = try Row.fetchAll(statement, arguments: [event.run.rawValue, event.sequence])
        var allIntact = try Set(rows.map { try $0.digest(0) }) == Set(digests)
        for digest in digests where try !isIntact(digest, db) { allIntact = false }
        return allIntact
    }

    private mutating func isIntact(_ digest: SHA256Digest, _ db: Database) throws -> Bool {
        if good.contains(digest) { return true }
        if bad.contains(digest) { return false }
        guard try StoredBlob.isIntact(digest, db) else {
            bad.insert(digest)
            return false
        }
        if good.count == Self.remembered { good.removeAll(keepingCapacity: true) }
        good.insert(digest)
        return true
    }
}
