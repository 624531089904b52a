internal import GRDB
internal import StoaCore

extension JournalError {
    /// A file that is no journal.
    static func notAJournal(_ name: String, because reason: String) -> JournalError {
        JournalError(
            .notAJournal, kind: .badInput, "\(name): not a journal of stoa, \(reason)",
            hint: "name another file with --journal; nothing was changed")
    }

    /// A journal of a version that this program does not know.
    static func unknownVersion(_ version: Int, of name: String) -> JournalError {
        JournalError(
            .unknownVersion, kind: .badInput,
            "\(name): the journal has version \(version), this program knows 1 to \(JournalSchema.current)",
            hint: "use the stoa that wrote it, or a newer one; nothing was changed")
    }

    /// A row that cannot be understood.
    static func damaged(_ what: String, _ found: String) -> JournalError {
        JournalError(
            .damaged, kind: .divergence, "\(what): damaged, \(found)",
            hint: "stoa log verify finds what is affected; a copy or an export brings it back")
    }

    /// What SQLite reports, in the terms of a journal.
    ///
    /// - Parameters:
    ///   - error: what was thrown; a journal's own errors pass unchanged.
    ///   - name: the file.
    ///   - patience: how long another process was waited for.
    /// - Returns: the error to throw.
    static func from(_ error: any Error, name: String, patience: Duration) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let detail = error.message ?? "no detail"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return JournalError(
                .locked, "\(name): another process has kept the journal locked for \(patience.components.seconds) s",
                hint: "try again when it is done; what was journaled before is kept")
        case .SQLITE_FULL:
            return JournalError(
                .unwritable, "\(name): the disk is full",
                hint: "free some space and go on with stoa resume; what was journaled before is kept")
        case .SQLITE_READONLY, .SQLITE_PERM:
            return JournalError(
                .unwritable, "\(name): the journal cannot be written",
                hint: "make the file and its folder writable, or name another with --journal")
        case .SQLITE_CANTOPEN:
            return JournalError(
                .unwritable, "\(name): the journal cannot be opened or made",
                hint: "its folder must exist and be writable, or name another file with --journal")
        case .SQLITE_IOERR:
            return JournalError(
                .unwritable, "\(name): the disk failed (\(detail))",
                hint: "check the disk; what was journaled before is kept")
        case .SQLITE_NOTADB: return notAJournal(name, because: "it is not a database")
        default:
            return JournalError(
                .damaged, kind: .divergence, "\(name): the journal is damaged (\(detail))",
                hint: "work on a copy of the file: sqlite3's .recover saves what can be read")
        }
    }
}
