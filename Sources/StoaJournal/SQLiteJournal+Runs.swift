internal import GRDB
public import StoaCore

extension SQLiteJournal {
    /// The run that a person means.
    ///
    /// - Parameter name: a run's id, the beginning of one, or `latest` for the newest that is no evaluation.
    /// - Returns: its id.
    /// - Throws: `JournalError.unknownRun`, or `.ambiguousRun` where several ids begin like that.
    public func resolve(_ name: String) async throws -> RunID {
        try await read { db in
            if name == "latest" {
                guard let latest = try StoredRun.fetchLatest(db) else { throw JournalError.unknownRun(name) }
                return latest.record.id
            }
            // One more than are named in the error tells whether there are more still.
            let rows = try Row.fetchAll(
                db, sql: "SELECT id FROM run WHERE excerpt = 0 AND substr(id, 1, ?) = ? ORDER BY id LIMIT 5",
                arguments: [name.unicodeScalars.count, name])
            let matches = try rows.map { RunID(try $0.text(0)) }
            if matches.count > 1, !matches.contains(RunID(name)), !name.isEmpty {
                throw JournalError.ambiguousRun(name, matches)
            }
            guard let match = matches.first, !name.isEmpty else { throw JournalError.unknownRun(name) }
            return matches.contains(RunID(name)) ? RunID(name) : match
        }
    }

    /// What `gc` removed.
    public struct GarbageReport: Sendable, Hashable {
        /// How many contents.
        public let blobs: Int
        /// How many bytes they had.
        public let bytes: Int
    }

    /// Removes contents that no event refers to.
    ///
    /// The file keeps its size; what is added later uses the room.
    ///
    /// - Returns: what was removed.
    /// - Throws: `JournalError`.
    public func gc() async throws -> GarbageReport {
        try await write { db in
            let unused = "FROM blob WHERE NOT EXISTS (SELECT 1 FROM event_blob WHERE event_blob.sha256 = blob.sha256)"
            let row = try Row.fetchOne(db, sql: "SELECT count(*), coalesce(sum(length(bytes)), 0) \(unused)")
            try db.execute(sql: "DELETE \(unused)")
            return GarbageReport(blobs: try row?.integer(0) ?? 0, bytes: try row?.integer(1) ?? 0)
        }
    }
}

extension JournalError {
    /// A prefix that several runs share; the first few are named.
    static func ambiguousRun(_ name: String, _ matches: [RunID]) -> JournalError {
        let named = matches.prefix(4).map(\.rawValue).joined(separator: ", ")
        return JournalError(
            .ambiguousRun, kind: .usage,
            "run \(name): several begin like that: \(named)\(matches.count > 4 ? ", …" : "")",
            hint: "give one more letter, or the whole id")
    }
}
