internal import GRDB
internal import StoaCore

/// Takes the lines of an export into a journal, one after another, inside one transaction.
///
/// Every digest is checked before its line is accepted. What is in the journal already is compared instead of added.
struct JournalImport {
    /// The run whose lines are being read.
    private struct Current {
        /// As the export announces it.
        let announced: StoredRun
        /// As the journal had it; nil where it is new.
        let present: StoredRun?
        /// The end of what was read.
        var last: Int
        var digest: SHA256Digest
        /// Where events are added.
        var head: RunHead
    }

    private(set) var report = ImportReport()
    private var announcedRuns: Int?
    private var current: Current?

    /// Takes the next line.
    ///
    /// - Parameters:
    ///   - text: the line without its end.
    ///   - db: the connection, inside a transaction.
    /// - Throws: `ImportLine.Malformation`, `JournalError`, `DatabaseError`.
    mutating func add(_ text: String, _ db: Database) throws {
        let line = try ImportLine(text)
        if case .header(let runs) = line {
            guard announcedRuns == nil else { throw ImportLine.Malformation(reason: "a second header") }
            announcedRuns = runs
            return
        }
        guard announcedRuns != nil else {
            throw ImportLine.Malformation(reason: "the first line is not the header of an export of a journal")
        }
        switch line {
        case .header: break
        case .run(let run):
            try end(db)
            try begin(run, db)
        case .blob(let blob): if try StoredBlob.insert(blob, db) { report.blobs += 1 }
        case .event(let event): try add(event, db)
        }
    }

    /// Ends the import.
    mutating func finish(_ db: Database) throws {
        guard let announcedRuns else {
            throw ImportLine.Malformation(reason: "there is no header of an export of a journal")
        }
        try end(db)
        let count = report.runs.count + report.present.count
        guard count == announcedRuns else {
            throw ImportLine.Malformation(
                reason: "the export ends after \(count) runs, \(announcedRuns) were announced")
        }
    }

    private mutating func begin(_ run: StoredRun, _ db: Database) throws {
        let id = run.record.id
        var (start, digest) = (0, SHA256Digest.zero)
        if let fork = run.record.parent {
            guard try StoredRun.find(fork.run, db) != nil,
                let link = try Lineage(of: fork.run, db).digest(at: fork.sequence, db)
            else {
                throw ImportLine.Malformation(
                    reason: "run \(id) was branched from event \(fork.sequence) of \(fork.run), which is not here")
            }
            (start, digest) = (fork.sequence, link)
        }
        let present = try StoredRun.find(id, db)
        if let present {
            guard Self.agree(present, run) else { throw Self.different(id) }
            if present.isExcerpt, !run.isExcerpt { try run.replaceExcerpt(db) }
        } else {
            try StoredRun(record: run.record, isExcerpt: run.isExcerpt, last: start, head: digest).insert(db)
        }
        current = Current(
            announced: run, present: present, last: start, digest: digest, head: try RunHead(of: id, db))
    }

    /// Whether a run of the journal and one of an export can be the same.
    ///
    /// Their events are compared later.
    private static func agree(_ present: StoredRun, _ announced: StoredRun) -> Bool {
        // The part of a run that a fork brought says how the run was then, and gives way to the whole.
        if present.isExcerpt || announced.isExcerpt {
            return present.record.parent == announced.record.parent
                && present.record.started == announced.record.started
                && present.record.playbook == announced.record.playbook
        }
        return present.record == announced.record && present.last == announced.last && present.head == announced.head
    }

    private mutating func add(_ line: ImportLine.ImportedEvent, _ db: Database) throws {
        guard var current, current.announced.record.id == line.run else {
            throw ImportLine.Malformation(reason: "an event of run \(line.run), whose record is not the one before")
        }
        guard line.sequence == current.last + 1 else {
            throw ImportLine.Malformation(reason: "event \(line.sequence), expected \(current.last + 1)")
        }
        let event = try EncodedEvent(imported: line.event, observed: line.observed, run: line.run)
        guard line.previous == current.digest, event.digest(after: line.previous) == line.digest else {
            throw ImportLine.Malformation(
                reason: "event \(line.sequence) of run \(line.run) does not have its digest: it was changed")
        }
        if let present = current.present, line.sequence <= present.last {
            let stored = try Lineage(of: line.run, db).digest(at: line.sequence, db)
            guard stored == line.digest else { throw Self.different(line.run) }
        } else {
            for digest in event.references where try !StoredBlob.exists(digest, db) {
                throw ImportLine.Malformation(
                    reason: "event \(line.sequence) refers to content \(digest), which is not here")
            }
            try current.head.append(event, db)
            report.events += 1
        }
        current.last = line.sequence
        current.digest = line.digest
        self.current = current
    }

    /// Checks that the run that was read is all there.
    private mutating func end(_ db: Database) throws {
        guard let ended = current else { return }
        current = nil
        let announced = ended.announced
        guard ended.last == announced.last, ended.digest == announced.head else {
            throw ImportLine.Malformation(
                reason: "run \(announced.record.id) ends at event \(ended.last), \(announced.last) were announced")
        }
        try ended.head.save(db)
        if ended.present == nil || ended.present?.isExcerpt == true && !announced.isExcerpt {
            report.runs.append(announced.record.id)
        } else {
            report.present.append(announced.record.id)
        }
    }

    private static func different(_ run: RunID) -> JournalError {
        JournalError(
            .duplicate, kind: .badInput, "run \(run) is in the journal with other content",
            hint: "import into another journal: --journal FILE")
    }
}
