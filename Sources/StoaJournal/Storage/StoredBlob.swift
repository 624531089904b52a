internal import GRDB
internal import StoaCore

/// A row of the table of contents.
enum StoredBlob {
    /// The bytes under a digest, unchecked; nil where there are none.
    static func bytes(_ digest: SHA256Digest, _ db: Database) throws -> [UInt8]? {
        let statement = try db.cachedStatement(sql: "SELECT bytes FROM blob WHERE sha256 = ?")
        return try Row.fetchOne(statement, arguments: [DatabaseValue.blob(digest)])?.bytes(0)
    }

    /// Whether there are bytes under a digest, unchecked.
    static func exists(_ digest: SHA256Digest, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(sql: "SELECT 1 FROM blob WHERE sha256 = ?")
        return try Row.fetchOne(statement, arguments: [DatabaseValue.blob(digest)]) != nil
    }

    /// Whether the bytes under a digest are there and have it.
    static func isIntact(_ digest: SHA256Digest, _ db: Database) throws -> Bool {
        try bytes(digest, db).map { SHA256Digest(hashing: $0) == digest } ?? false
    }

    /// Adds content; content that is there stays as it is.
    ///
    /// - Returns: whether it is new.
    @discardableResult
    static func insert(_ blob: Blob, _ db: Database) throws -> Bool {
        if try exists(blob.digest, db) { return false }
        try db.cachedStatement(sql: "INSERT INTO blob (sha256, codec, bytes) VALUES (?, 'raw', ?)")
            .execute(arguments: [DatabaseValue.blob(blob.digest), DatabaseValue.blob(blob.bytes)])
        return true
    }
}
