import Foundation
import GRDB
import StoaCore
import StoaTestKit
import Testing

@testable import StoaJournal

/// Several connections and several processes on one file.
struct SharedFileTests {
    private static func append(_ count: Int, from first: Int, to run: String, of journal: SQLiteJournal) async throws {
        try await withThrowingTaskGroup { group in
            for number in first..<first + count {
                group.addTask {
                    try await journal.append(
                        [Sample.event(number)], observation: Sample.observation, to: RunID(run))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test
    func `two processes append to one run at the same time`() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/journal.sqlite"
        let journal = try SQLiteJournal(path: path, options: .init(patience: .seconds(60)))
        try await Sample.run("aaaa", events: 0, in: journal)
        async let other = #expect(processExitsWith: .success) { [path = path as String] in
            let journal = try SQLiteJournal(path: path, options: .init(patience: .seconds(60)))
            for part in 0..<20 {
                try await SharedFileTests.append(25, from: 10_000 + 25 * part, to: "aaaa", of: journal)
            }
        }
        for part in 0..<20 { try await Self.append(25, from: 25 * part, to: "aaaa", of: journal) }
        _ = await other
        #expect(
            try await journal.verify(RunID("aaaa"))
                == VerificationReport(
                    run: RunID("aaaa"), events: 1000, chainIntact: true, blobsMissing: 0, firstBadSequence: nil))
        for number in [0, 499, 10_000, 10_499] {
            #expect(try await journal.event(Sample.key(number), in: RunID("aaaa")) != nil)
        }
    }

    @Test
    func `many open a new file at the same time and see one another's runs`() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/journal.sqlite"
        try await withThrowingTaskGroup { group in
            for number in 0..<12 {
                group.addTask {
                    let journal = try SQLiteJournal(path: path, options: .init(patience: .seconds(60)))
                    try await Sample.run("run-\(number)", events: 3, in: journal)
                    try await journal.close()
                }
            }
            try await group.waitForAll()
        }
        let journal = try SQLiteJournal(path: path)
        #expect(try await journal.runs().count == 12)
        for number in 0..<12 { #expect(try await journal.verify(RunID("run-\(number)")).isIntact) }
    }

    @Test
    func `what one connection appended another reads at once`() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/journal.sqlite"
        let (first, second) = (try SQLiteJournal(path: path), try SQLiteJournal(path: path))
        try await Sample.run("aaaa", events: 1, in: first)
        for number in 2...50 {
            let (writer, reader) = number % 2 == 0 ? (first, second) : (second, first)
            #expect(
                try await writer.append([Sample.event(number)], observation: Sample.observation, to: RunID("aaaa"))
                    == number)
            #expect(try await reader.lastSequence(in: RunID("aaaa")) == number)
            #expect(try await reader.event(Sample.key(number), in: RunID("aaaa")) != nil)
        }
    }

    @Test
    func `a commit waits for the disk unless told otherwise`() async throws {
        let folder = try TemporaryFolder()
        for (options, level) in [(SQLiteJournal.Options(), 2), (.init(synchronisation: .normal), 1)] {
            let journal = try SQLiteJournal(path: "\(folder.path)/journal-\(level).sqlite", options: options)
            let found = try await journal.write { db in
                try (
                    Int.fetchOne(db, sql: "PRAGMA synchronous"), String.fetchOne(db, sql: "PRAGMA journal_mode"),
                    Int.fetchOne(db, sql: "PRAGMA foreign_keys")
                )
            }
            #expect(found == (level, "wal", 1))
        }
    }

    @Test
    func `appends that arrive together share commits`() async throws {
        let folder = try TemporaryFolder()
        let journal = try SQLiteJournal(path: "\(folder.path)/journal.sqlite")
        try await Sample.run("aaaa", events: 0, in: journal)
        let commits = Counter()
        try await journal.write { db in db.add(transactionObserver: CommitCounter(commits), extent: .databaseLifetime) }
        try await Self.append(1000, from: 0, to: "aaaa", of: journal)
        let count = commits.next() - 1
        #expect((1...500).contains(count), "1000 appends took \(count) commits")
    }

    @Test
    func `a closed journal is an error, and what was called before is kept`() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/journal.sqlite"
        let journal = try SQLiteJournal(path: path)
        try await Sample.run("aaaa", events: 3, in: journal)
        try await journal.close()
        #expect(!FileManager.default.fileExists(atPath: "\(path)-wal"))
        await #expect(throws: JournalError.self) {
            try await journal.append([Sample.event(4)], observation: Sample.observation, to: RunID("aaaa"))
        }
        await #expect(throws: JournalError.self) { _ = try await journal.runs() }
        #expect(try await SQLiteJournal(path: path).lastSequence(in: RunID("aaaa")) == 3)
    }
}

/// Counts transactions.
private final class CommitCounter: TransactionObserver {
    private let commits: Counter

    init(_ commits: Counter) { self.commits = commits }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { _ = commits.next() }
    func databaseDidRollback(_ db: Database) {}
}
