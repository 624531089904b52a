import Foundation
import GRDB
import StoaCore
import StoaTestKit
import Testing

@testable import StoaJournal

/// What users read when a journal's file is not what it should be: the exact texts, and that nothing is lost.
struct JournalFileErrorTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = "\(folder.path)/journal.sqlite"
    }

    private func openError(_ path: String, _ options: SQLiteJournal.Options = .init()) -> JournalError? {
        thrown(JournalError.self) { _ = try SQLiteJournal(path: path, options: options) }
    }

    /// A journal with a run of three events, closed.
    private func makeJournal() async throws {
        let journal = try SQLiteJournal(path: path)
        try await Sample.run(events: 3, in: journal)
        try await journal.close()
    }

    private func execute(_ sql: String) throws {
        try DatabaseQueue(path: path).inDatabase { try $0.execute(sql: sql) }
    }

    @Test(arguments: ["CREATE TABLE users (name TEXT)", "PRAGMA application_id = 5", "PRAGMA user_version = 1"])
    func `a database of another program is refused and left as it is`(sql: String) throws {
        try execute(sql)
        let before = try fileBytes(path)
        let error = openError(path)
        #expect(
            error?.description == """
                \(path): not a journal of stoa, it is a database of another program
                hint: name another file with --journal; nothing was changed
                """)
        #expect(error?.code == .notAJournal && error?.kind == .badInput)
        #expect(try fileBytes(path) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["journal.sqlite"])
    }

    @Test(arguments: ["hello", "SQLite format 3", String(repeating: "{\"a\": 1}\n", count: 1000)])
    func `a file that is no database is refused and left as it is`(content: String) throws {
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
        let error = openError(path)
        #expect(
            error?.description == """
                \(path): not a journal of stoa, it is not a database
                hint: name another file with --journal; nothing was changed
                """)
        #expect(error?.code == .notAJournal && error?.kind == .badInput)
        #expect(try fileBytes(path) == Array(content.utf8))
    }

    @Test
    func `a journal of a newer version is refused and left as it is`() async throws {
        try await makeJournal()
        try execute("PRAGMA user_version = 7")
        let before = try fileBytes(path)
        for access in [SQLiteJournal.Options.Access.readWrite, .readOnly] {
            let error = openError(path, .init(access: access))
            #expect(
                error?.description == """
                    \(path): the journal has version 7, this program knows 1 to 1
                    hint: use the stoa that wrote it, or a newer one; nothing was changed
                    """)
            #expect(error?.code == .unknownVersion && error?.kind == .badInput)
        }
        #expect(try fileBytes(path) == before)
        try execute("PRAGMA user_version = 1")
        #expect(try await SQLiteJournal(path: path).verify(RunID("aaaa")).isIntact)
    }

    @Test
    func `a folder that does not exist is named`() {
        let missing = "\(folder.path)/none/journal.sqlite"
        #expect(
            openError(missing)?.description == """
                \(missing): the journal cannot be opened or made
                hint: its folder must exist and be writable, or name another file with --journal
                """)
        #expect(openError(missing)?.code == .unwritable)
        #expect(openError(path, .init(access: .readOnly))?.code == .unwritable)
    }

    @Test
    func `a locked journal is an error after some patience, and usable afterwards`() async throws {
        let journal = try SQLiteJournal(path: path, options: .init(patience: .milliseconds(1)))
        try await Sample.run(events: 3, in: journal)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.beginTransaction(.immediate) }
        // Several at once: they wait together, not one after another.
        for error in await withTaskGroup(
            of: JournalError?.self, returning: [JournalError?].self,
            body: { group in
                for number in 4...8 {
                    group.addTask {
                        do {
                            try await journal.append(
                                [Sample.event(number)], observation: Sample.observation, to: RunID("aaaa"))
                            return nil
                        } catch { return error as? JournalError }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            })
        {
            #expect(
                error?.description == """
                    \(path): another process has kept the journal locked for 0 s
                    hint: try again when it is done; what was journaled before is kept
                    """)
            #expect(error?.code == .locked && error?.kind == .failure)
        }
        #expect(try await journal.lastSequence(in: RunID("aaaa")) == 3)
        try await other.writeWithoutTransaction { try $0.rollback() }
        #expect(
            try await journal.append([Sample.event(4)], observation: Sample.observation, to: RunID("aaaa")) == 4)
    }

    @Test
    func `a journal opened for reading reads and is not written`() async throws {
        try await makeJournal()
        // A reader beside a writer, as the viewer is.
        let writer = try SQLiteJournal(path: path)
        let journal = try SQLiteJournal(path: path, options: .init(access: .readOnly))
        #expect(try await journal.verify(RunID("aaaa")).isIntact)
        #expect(try await journal.events(in: RunID("aaaa"), after: 0, limit: 9).count == 3)
        let error = await #expect(throws: JournalError.self) {
            try await journal.append([Sample.event(4)], observation: Sample.observation, to: RunID("aaaa"))
        }
        #expect(
            error?.description == """
                \(path): the journal cannot be written
                hint: make the file and its folder writable, or name another with --journal
                """)
        #expect(error?.code == .unwritable)
        #expect(
            try await writer.append([Sample.event(4)], observation: Sample.observation, to: RunID("aaaa")) == 4)
        #expect(try await journal.lastSequence(in: RunID("aaaa")) == 4)
    }

    @Test
    func `an input or output error is told from a damaged file`() {
        let error = DatabaseError(resultCode: .SQLITE_IOERR, message: "disk I/O error")
        let told = JournalError.from(error, name: "j", patience: .seconds(1))
        #expect(
            (told as? JournalError)?.description == """
                j: the disk failed (disk I/O error)
                hint: check the disk; what was journaled before is kept
                """)
        let corrupt = DatabaseError(resultCode: .SQLITE_CORRUPT, message: "database disk image is malformed")
        #expect(
            (JournalError.from(corrupt, name: "j", patience: .seconds(1)) as? JournalError)?.description == """
                j: the journal is damaged (database disk image is malformed)
                hint: work on a copy of the file: sqlite3's .recover saves what can be read
                """)
        #expect(JournalError.from(CancellationError(), name: "j", patience: .seconds(1)) is CancellationError)
    }
}
