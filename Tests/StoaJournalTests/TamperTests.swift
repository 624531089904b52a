import GRDB
import StoaCore
import StoaTestKit
import Testing

@testable import StoaJournal

/// Somebody with SQLite and no respect for what happened.
enum Tamper {
    /// Runs statements against a journal's file, with everything off that would stop them.
    static func run(_ sql: String, on path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(10)
        try DatabaseQueue(path: path, configuration: configuration).inDatabase { db in
            let triggers = try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for trigger in triggers { try db.execute(sql: "DROP TRIGGER \(trigger)") }
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try db.execute(sql: sql)
            #expect(db.totalChangesCount > 0, "nothing was changed by: \(sql)")
        }
    }
}

/// A run of ten events, the fifth and the ninth with contents, and what is done to it.
struct Tampering: CustomTestStringConvertible {
    let sql: String
    let bad: Int
    var breaksChain = true
    var blobs = 0
    var events = 10

    var testDescription: String { sql }

    static let all: [Tampering] = [
        // Each column of an event.
        Tampering(sql: "UPDATE event SET run = 'bbbb' WHERE run = 'aaaa' AND seq = 6", bad: 6, events: 9),
        Tampering(sql: "UPDATE event SET seq = 99 WHERE run = 'aaaa' AND seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET key = 'step[77]@solver#0.0/message_posted' WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET key = 'no key' WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET kind = 'decided' WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET actor = 'critic' WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET payload = replace(payload, '106', '107') WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET payload = payload || ' ' WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET causes = '[]' WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET is_observation = 1 - is_observation WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET observed = replace(observed, '42', '43') WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET observed = '' WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET previous = zeroblob(32) WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET digest = zeroblob(32) WHERE seq = 6", bad: 6),
        Tampering(sql: "UPDATE event SET digest = zeroblob(32) WHERE seq = 10", bad: 10),
        // What no single row shows.
        Tampering(sql: "DELETE FROM event WHERE seq = 1", bad: 1, events: 9),
        Tampering(sql: "DELETE FROM event WHERE seq = 6", bad: 6, events: 9),
        Tampering(sql: "DELETE FROM event WHERE seq = 10", bad: 10, events: 9),
        Tampering(sql: "DELETE FROM event WHERE seq > 7", bad: 8, events: 7),
        Tampering(sql: "DELETE FROM event", bad: 1, events: 0),
        Tampering(
            sql: """
                UPDATE event SET seq = 0 WHERE seq = 4; UPDATE event SET seq = 4 WHERE seq = 7;
                UPDATE event SET seq = 7 WHERE seq = 0
                """, bad: 4),
        Tampering(
            sql: """
                CREATE TEMP TABLE moved AS SELECT seq, payload FROM event;
                UPDATE event SET payload = (SELECT payload FROM moved WHERE moved.seq = 15 - event.seq)
                WHERE seq IN (7, 8)
                """, bad: 7),
        Tampering(
            sql: """
                INSERT INTO event (run, seq, key, kind, actor, payload, causes, is_observation, observed, previous, digest)
                SELECT run, 11, 'x#0.0/decided', 'decided', actor, payload, causes, 0, observed, digest, digest
                FROM event WHERE seq = 10
                """, bad: 11, events: 11),
        // The border between the causes and the payload.
        Tampering(
            sql: """
                UPDATE event SET causes = '[],"key":"step[106]@solver#0.0/message_posted","payload":{"number":106}',
                payload = 'null' WHERE seq = 6
                """, bad: 6),
        // The end that the run's record says.
        Tampering(sql: "UPDATE run SET last = 9", bad: 10),
        Tampering(sql: "UPDATE run SET last = 12", bad: 11),
        Tampering(sql: "UPDATE run SET head = zeroblob(32)", bad: 10),
        // Contents.
        Tampering(sql: "UPDATE blob SET bytes = x'00' WHERE length(bytes) = 5", bad: 5, breaksChain: false, blobs: 1),
        Tampering(
            sql: "UPDATE blob SET bytes = zeroblob(9) WHERE length(bytes) = 9", bad: 9, breaksChain: false, blobs: 1),
        Tampering(sql: "DELETE FROM blob WHERE length(bytes) = 5", bad: 5, breaksChain: false, blobs: 1),
        Tampering(sql: "DELETE FROM blob", bad: 5, breaksChain: false, blobs: 2),
        Tampering(sql: "DELETE FROM event_blob WHERE seq = 9", bad: 9, breaksChain: false),
        Tampering(sql: "UPDATE event_blob SET seq = 8 WHERE seq = 5", bad: 5, breaksChain: false),
        Tampering(
            sql: "DELETE FROM event_blob WHERE seq = 9; DELETE FROM blob WHERE length(bytes) = 9", bad: 9,
            breaksChain: false, blobs: 1),
        Tampering(
            sql: "UPDATE event SET payload = '{}' WHERE seq = 7; DELETE FROM blob WHERE length(bytes) = 5", bad: 5,
            blobs: 1),
    ]
}

@Test(arguments: Tampering.all)
func `verification finds the first event that was tampered with`(tampering: Tampering) async throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/journal.sqlite"
    let journal = try SQLiteJournal(path: path)
    let run = try await tenEvents(in: journal)
    let before = try await journal.verify(run)
    #expect(
        before
            == VerificationReport(run: run, events: 10, chainIntact: true, blobsMissing: 0, firstBadSequence: nil))

    try Tamper.run(tampering.sql, on: path)
    let report = try await journal.verify(run)
    #expect(
        report
            == VerificationReport(
                run: run, events: tampering.events, chainIntact: !tampering.breaksChain, blobsMissing: tampering.blobs,
                firstBadSequence: tampering.bad))
    #expect(!report.isIntact)
}

/// The ten events.
private func tenEvents(in journal: SQLiteJournal) async throws -> RunID {
    try await journal.create(Sample.record("aaaa"))
    let events = (1...10).map { number in
        var event = Sample.event(100 + number, payload: ["number": .integer(Int64(100 + number))])
        event.causes = [Sample.key(1)]
        if number == 5 || number == 9 { event.blobs = [Blob(Array(repeating: UInt8(number), count: number))] }
        return event
    }
    try await journal.append(events, observation: Sample.observation, to: RunID("aaaa"))
    return RunID("aaaa")
}

@Test
func `a fork is damaged where what it shares is, and where its origin is`() async throws {
    for (sql, bad) in [
        ("UPDATE event SET actor = 'x' WHERE run = 'aaaa' AND seq = 2", 2),
        ("UPDATE run SET parent_seq = 2 WHERE id = 'bbbb'", 3),
        ("UPDATE run SET parent_run = 'cccc' WHERE id = 'bbbb'", 4),
        ("DELETE FROM event WHERE run = 'bbbb'", 4),
    ] {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/journal.sqlite"
        let journal = try SQLiteJournal(path: path)
        try await Sample.run("aaaa", events: 5, in: journal)
        try await journal.create(Sample.record("cccc"))
        try await journal.append(
            (11...15).map { Sample.event($0) }, observation: Sample.observation, to: RunID("cccc"))
        try await journal.create(Sample.record("bbbb", parent: RunRecord.Fork(run: RunID("aaaa"), sequence: 3)))
        try await journal.append([Sample.event(6)], observation: Sample.observation, to: RunID("bbbb"))
        #expect(try await journal.verify(RunID("bbbb")).isIntact)
        try Tamper.run(sql, on: path)
        let report = try await journal.verify(RunID("bbbb"))
        #expect(!report.chainIntact && report.firstBadSequence == bad, "\(sql): \(report)")
        #expect(try await journal.verify(RunID("aaaa")).isIntact == !sql.contains("'aaaa' AND"))
    }
}

@Test
func `damaged content is an error that names its digest`() async throws {
    let folder = try TemporaryFolder()
    let journal = try SQLiteJournal(path: "\(folder.path)/journal.sqlite")
    let run = try await tenEvents(in: journal)
    let digest = try await journal.events(in: run, after: 4, limit: 1)[0].blobs[0]
    try Tamper.run("UPDATE blob SET bytes = x'00'", on: "\(folder.path)/journal.sqlite")
    let error = await #expect(throws: JournalError.self) { _ = try await journal.blob(digest) }
    #expect(
        error?.description == """
            content \(digest): damaged, the stored bytes have the digest \
            6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
            hint: stoa log verify names the events that refer to it
            """)
    #expect(error?.code == .damaged)
    #expect(error?.kind == .divergence)
}

@Test
func `the journal itself changes and removes nothing that happened`() async throws {
    let journal = try SQLiteJournal()
    _ = try await tenEvents(in: journal)
    for sql in [
        "UPDATE event SET payload = '{}'", "DELETE FROM event", "UPDATE blob SET bytes = x'00'", "DELETE FROM blob",
        "DELETE FROM run", "INSERT OR REPLACE INTO event SELECT * FROM event",
    ] {
        await #expect(throws: JournalError.self) { try await journal.write { try $0.execute(sql: sql) } }
    }
    #expect(try await journal.verify(RunID("aaaa")).isIntact)
}
