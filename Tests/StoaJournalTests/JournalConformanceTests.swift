import StoaCore
@testable import StoaJournal
import StoaRuntime
import StoaTestKit
import StoaTestSupport
import Testing

/// The journals that there are.
enum Implementation: CaseIterable {
    case file
    case fileWithoutWaitingForTheDisk
    case databaseInMemory
    case inMemory

    func check(_ check: JournalConformance.Check) async throws {
        let folder = try TemporaryFolder()
        switch self {
        case .file: try await check.run(SQLiteJournal(path: "\(folder.path)/journal.sqlite"))
        case .fileWithoutWaitingForTheDisk:
            let options = SQLiteJournal.Options(synchronisation: .normal)
            try await check.run(SQLiteJournal(path: "\(folder.path)/journal.sqlite", options: options))
        case .databaseInMemory: try await check.run(SQLiteJournal())
        case .inMemory: try await check.run(InMemoryJournal())
        }
    }
}

@Test(arguments: Implementation.allCases, JournalConformance.checks)
func `every journal does what a journal does`(journal: Implementation, check: JournalConformance.Check) async throws {
    try await journal.check(check)
}

@Test
func `the texts that are stored are those of the documents`() async throws {
    let journal = try SQLiteJournal()
    let run = try await Sample.fill(journal, seed: 3)[0]
    for event in try await journal.events(in: run, after: 0, limit: .max) {
        let texts = try await journal.read { db in
            try Lineage(of: run, db).event(event.event.key.description, db).map { ($0.link, $0.observed) }
        }
        let (link, observed) = try #require(texts)
        #expect(String(decoding: link, as: UTF8.self) == "\(event.event.document.canonicalText)\n\(observed)")
        #expect(
            observed
                == RecordedEvent.observed(
                    event.observation, blobs: event.blobs, isObservation: event.event.isObservation
                ).canonicalText)
    }
}
