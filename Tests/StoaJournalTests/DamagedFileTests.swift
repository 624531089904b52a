import Foundation
import StoaCore
import StoaTestKit
import Testing

@testable import StoaJournal

/// Files that were cut short or in which bytes were changed.
struct DamagedFileTests {
    /// The bytes of a journal with content in every table.
    private static func journalBytes() async throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/journal.sqlite"
        let journal = try SQLiteJournal(path: path)
        for seed in 0..<4 { _ = try await Sample.fill(journal, seed: UInt64(seed)) }
        try await journal.close()
        return try fileBytes(path)
    }

    /// Reads everything there is, in every way there is.
    ///
    /// - Returns: the errors that say what is wrong.
    private static func readAll(_ path: String) async -> [JournalError] {
        var errors: [JournalError] = []
        func attempt(_ body: () async throws -> Void) async {
            do { try await body() } catch let error as JournalError { errors.append(error) } catch {
                Issue.record("\(error) is no error of a journal")
            }
        }
        await attempt {
            let journal = try SQLiteJournal(path: path, options: .init(patience: .zero))
            for run in try await journal.runs() {
                await attempt { _ = try await journal.verify(run.id) }
                await attempt { _ = try await journal.events(in: run.id, after: 0, limit: .max) }
                await attempt { try await journal.exportLines([run.id]) { _ in } }
                await attempt { _ = try await journal.event(Sample.key(1), in: run.id) }
                await attempt {
                    try await journal.append([Sample.event(1 << 40)], observation: Sample.observation, to: run.id)
                }
            }
            await attempt { _ = try await journal.gc() }
            try await journal.close()
        }
        return errors
    }

    @Test
    func `a file cut short is an error that says so`() async throws {
        let folder = try TemporaryFolder()
        let bytes = try await Self.journalBytes()
        #expect(bytes.count > 40_000)
        for length in [50, 100, 1000, 4096, 5000, 8192, bytes.count / 2, bytes.count - 4096] {
            let path = try folder.write("cut-\(length).sqlite", bytes.prefix(length))
            let errors = await Self.readAll(path)
            #expect(!errors.isEmpty, "nothing was wrong with the first \(length) bytes of \(bytes.count)")
            for error in errors { #expect([.damaged, .notAJournal].contains(error.code), "\(length): \(error)") }
        }
    }

    @Test
    func `a changed file is read, or is an error, and never ends the process`() async throws {
        let folder = try TemporaryFolder()
        let bytes = try await Self.journalBytes()
        var failed = 0
        for seed in 0..<100 {
            var mutator = Mutator(seed: UInt64(seed))
            let path = try folder.write("changed.sqlite", mutator.mutate(bytes))
            failed += await Self.readAll(path).isEmpty ? 0 : 1
            for suffix in ["", "-wal", "-shm", "-journal"] {
                try? FileManager.default.removeItem(atPath: "\(path)\(suffix)")
            }
        }
        #expect(failed > 20)
    }

    @Test
    func `a row that makes no sense is an error that names its event`() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/journal.sqlite"
        let journal = try SQLiteJournal(path: path)
        try await Sample.run(events: 3, in: journal)
        for (column, value, told) in [
            ("payload", "'{'", "JSON: expected a key in quotes at line 1, column 2"),
            ("key", "'no key'", "its key cannot be read"),
            ("causes", "'{}'", "its causes cannot be read"),
            ("observed", "'{}'", "its observed part cannot be read"),
        ] {
            try Tamper.run("UPDATE event SET \(column) = \(value) WHERE seq = 2", on: path)
            let error = await #expect(throws: JournalError.self) {
                _ = try await journal.events(in: RunID("aaaa"), after: 0, limit: 9)
            }
            #expect(
                error?.description == """
                    run aaaa, event 2: damaged, \(told)
                    hint: stoa log verify finds what is affected; a copy or an export brings it back
                    """)
            try Tamper.run(
                "UPDATE event SET \(column) = (SELECT replace(e.\(column), '[3]', '[2]') FROM event e WHERE e.seq = 3) WHERE seq = 2",
                on: path)
        }
    }
}
