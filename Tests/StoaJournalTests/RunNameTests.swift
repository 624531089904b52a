import StoaCore
import StoaTestKit
import Testing

@testable import StoaJournal

/// How people name runs, what is collected, and what cannot be journaled.
struct RunNameTests {
    @Test
    func `a run is named by its id, the beginning of it, or latest`() async throws {
        let journal = try SQLiteJournal()
        for (number, name) in ["abcd", "abef", "abeg", "xyz"].enumerated() {
            var record = Sample.record(name)
            record.started = WallTime(nanosecondsSinceEpoch: number == 1 ? 99 : Int64(number))
            try await journal.create(record)
        }
        for (name, run) in [("abcd", "abcd"), ("abc", "abcd"), ("x", "xyz"), ("abef", "abef"), ("latest", "abef")] {
            #expect(try await journal.resolve(name) == RunID(run))
        }
    }

    @Test(arguments: [
        ("q", "run q: not in the journal\nhint: stoa log list shows the runs there are"),
        ("", "run : not in the journal\nhint: stoa log list shows the runs there are"),
        ("%", "run %: not in the journal\nhint: stoa log list shows the runs there are"),
        ("abe", "run abe: several begin like that: abef, abeg\nhint: give one more letter, or the whole id"),
        ("a", "run a: several begin like that: abcd, abef, abeg, acaa, …\nhint: give one more letter, or the whole id"),
    ])
    func `a name that is none or several is an error`(name: String, text: String) async throws {
        let journal = try SQLiteJournal()
        for name in ["abcd", "abef", "abeg", "acaa", "acab"] { try await journal.create(Sample.record(name)) }
        let error = await #expect(throws: JournalError.self) { _ = try await journal.resolve(name) }
        #expect(error?.description == text)
        #expect(error?.kind == .usage)
    }

    @Test
    func `an empty journal has no latest run`() async throws {
        let journal = try SQLiteJournal()
        let error = await #expect(throws: JournalError.self) { _ = try await journal.resolve("latest") }
        #expect(error?.code == .unknownRun)
    }

    @Test
    func `contents that no event refers to are collected, the others stay`() async throws {
        let journal = try SQLiteJournal()
        let runs = try await Sample.fill(journal, seed: 11)
        #expect(try await journal.gc() == SQLiteJournal.GarbageReport(blobs: 0, bytes: 0))
        try await journal.write { db in
            try StoredBlob.insert(Blob([1, 2, 3]), db)
            try StoredBlob.insert(Blob(Array(repeating: 9, count: 1000)), db)
        }
        #expect(try await journal.gc() == SQLiteJournal.GarbageReport(blobs: 2, bytes: 1003))
        #expect(try await journal.gc() == SQLiteJournal.GarbageReport(blobs: 0, bytes: 0))
        for run in runs { #expect(try await journal.verify(run).isIntact) }
    }

    @Test
    func `an event that could not be read back is refused`() async throws {
        let journal = try SQLiteJournal()
        try await Sample.run(events: 0, in: journal)
        var nested = JSONValue.null
        for _ in 0..<300 { nested = .array([nested]) }
        let slash = EventKey(EffectKey(node: "step"), EventKind("a/b"))
        for (event, text) in [
            (
                Event(key: slash, actor: .conductor, payload: .null),
                """
                run aaaa: the key step#0.0/a/b of an event by \(AgentID.conductor) does not survive its text form
                hint: names of steps and kinds are made of letters, digits, _ and -
                """
            ),
            (
                Sample.event(1, payload: nested),
                """
                run aaaa: the payload of step[1]@solver#0.0/message_posted is nested more than 248 deep
                hint: make what the model or the tool returns flatter
                """
            ),
        ] {
            let error = await #expect(throws: JournalError.self) {
                try await journal.append([event], observation: Sample.observation, to: RunID("aaaa"))
            }
            #expect(error?.description == text)
            #expect(error?.code == .invalidEvent)
        }
        #expect(try await journal.lastSequence(in: RunID("aaaa")) == 0)
    }

    @Test
    func `what is given twice is an error that says what`() async throws {
        let journal = try SQLiteJournal()
        try await Sample.run(events: 2, in: journal)
        let run = await #expect(throws: JournalError.self) { try await journal.create(Sample.record("aaaa")) }
        #expect(run?.description == "run aaaa: in the journal already\nhint: give the new run an id of its own")
        let event = await #expect(throws: JournalError.self) {
            try await journal.append([Sample.event(2)], observation: Sample.observation, to: RunID("aaaa"))
        }
        #expect(
            event?.description == """
                run aaaa: event step[2]@solver#0.0/message_posted is in the journal already
                hint: a key names one event of a run; two processes may be working on the same run
                """)
        let fork = await #expect(throws: JournalError.self) {
            try await journal.create(Sample.record("bbbb", parent: RunRecord.Fork(run: RunID("aaaa"), sequence: 3)))
        }
        #expect(
            fork?.description == """
                run aaaa: no event 3, its events are 1 to 2
                hint: stoa log show aaaa lists them
                """)
        let content = await #expect(throws: JournalError.self) { _ = try await journal.blob(.zero) }
        #expect(
            content?.description == """
                content \(SHA256Digest.zero): not in the journal
                hint: stoa log verify names the events that refer to it
                """)
    }
}
