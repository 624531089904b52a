import Foundation
import StoaCore
import StoaTestKit
import Testing

@testable import StoaJournal

extension SQLiteJournal {
    /// The export of runs, line by line.
    func lines(_ runs: [RunID]) async throws -> [String] {
        var lines: [String] = []
        try await exportLines(runs) { lines.append($0) }
        return lines
    }

    /// Imports lines under the name `runs.jsonl`.
    @discardableResult
    func take(_ lines: [String]) async throws -> ImportReport {
        var rest = lines.makeIterator()
        return try await importLines(named: "runs.jsonl") { rest.next() }
    }
}

/// Exports and imports of random runs and their forks.
struct TransferTests {
    @Test(arguments: 0..<40)
    func `an export imported and exported again has the same bytes`(seed: UInt64) async throws {
        let (first, second) = (try SQLiteJournal(), try SQLiteJournal())
        let runs = try await Sample.fill(first, seed: seed)
        var random = SplitMix(seed: seed)
        // All of them, one of them, and several in any order with repetitions.
        let some = (0..<3).map { _ in runs.randomElement(using: &random) ?? runs[0] }
        for chosen in [[runs[runs.count - 1]], some, runs, runs.reversed()] {
            let lines = try await first.lines(chosen)
            for line in lines { #expect(!line.contains("\n") && (try? JSONParser.parse(line)) != nil) }
            try await second.take(lines)
            #expect(try await second.lines(chosen) == lines)
            for run in chosen {
                #expect(try await second.verify(run).isIntact)
                #expect(try await second.run(run) == first.run(run))
                #expect(
                    try await second.events(in: run, after: 0, limit: .max)
                        == first.events(in: run, after: 0, limit: .max))
            }
        }
        #expect(try await second.runs() == first.runs() || runs.count > 1)
        #expect(Set(try await second.runs().map(\.id)) == Set(runs))
        // A second time everything is there already.
        let report = try await second.take(first.lines(runs))
        #expect(report.events == 0 && report.blobs == 0 && report.runs.isEmpty && report.present.count == runs.count)
    }

    @Test
    func `an export says what it is, in lines that people can read`() async throws {
        let journal = try SQLiteJournal()
        try await journal.create(Sample.record("aaaa"))
        var event = Sample.event(1, payload: ["text": "4\"2"])
        event.blobs = [Blob(Array("hello".utf8))]
        try await journal.append([event], observation: Sample.observation, to: RunID("aaaa"))
        let content = event.blobs[0].digest
        let digest = try await journal.events(in: RunID("aaaa"), after: 0, limit: 1)[0].digest
        let zeros = String(repeating: "0", count: 64)
        #expect(
            try await journal.lines([RunID("aaaa")]) == [
                #"{"format":"stoa-journal","runs":1,"version":1}"#,
                #"{"run":{"answer":null,"excerpt":false,"head":"\#(digest)","id":"aaaa","last":1,"owner":null,"#
                    + #""parent":null,"playbook":"debate","started":1700000000000000000,"status":"running"}}"#,
                #"{"blob":{"base64":"aGVsbG8=","codec":"raw","sha256":"\#(content)"}}"#,
                #"{"event":{"digest":"\#(digest)","logical":{"actor":"solver","causes":[],"#
                    + #""key":"step[1]@solver#0.0/message_posted","payload":{"text":"4\"2"}},"#
                    + #""observed":{"blobs":["\#(content)"],"details":{},"process":42,"time":1700000000000000000},"#
                    + #""previous":"\#(zeros)","run":"aaaa","sequence":1}}"#,
            ])
    }

    @Test
    func `a fork brings what it shares, which is not a run of its own until the whole comes`() async throws {
        let (first, second) = (try SQLiteJournal(), try SQLiteJournal())
        try await Sample.run("aaaa", events: 9, in: first)
        try await first.update(RunID("aaaa"), status: .completed, answer: "42")
        try await first.create(Sample.record("bbbb", parent: RunRecord.Fork(run: RunID("aaaa"), sequence: 4)))
        try await first.append([Sample.event(50)], observation: Sample.observation, to: RunID("bbbb"))

        let report = try await second.take(first.lines([RunID("bbbb")]))
        #expect(report.runs == [RunID("aaaa"), RunID("bbbb")] && report.events == 5)
        #expect(try await second.runs().map(\.id) == [RunID("bbbb")])
        #expect(try await second.resolve("latest") == RunID("bbbb"))
        #expect(try await second.verify(RunID("bbbb")).isIntact)
        #expect(try await second.lastSequence(in: RunID("aaaa")) == 4)
        await #expect(throws: JournalError.self) { _ = try await second.resolve("aaaa") }
        for attempt in [
            {
                try await second.append([Sample.event(77)], observation: Sample.observation, to: RunID("aaaa"))
            },
            {
                try await second.claim(RunID("aaaa"), owner: ProcessIdentity(process: 1, startTicks: 1, boot: "b"));
                return 0
            },
        ] as [() async throws -> Int] {
            let error = await #expect(throws: JournalError.self) { _ = try await attempt() }
            #expect(
                error?.description == """
                    run aaaa: only its first 4 events are here, which a fork of it shares
                    hint: import the whole run first
                    """)
        }
        // The whole run follows, and then the part again.
        let whole = try await first.lines([RunID("aaaa")])
        #expect(try await second.take(whole).events == 5)
        #expect(try await second.lines([RunID("aaaa")]) == whole)
        #expect(try await second.take(first.lines([RunID("bbbb")])).events == 0)
        #expect(try await second.run(RunID("aaaa")) == first.run(RunID("aaaa")))
        #expect(try await second.verify(RunID("aaaa")).isIntact)
    }

    @Test
    func `an export of a run that is damaged is an error, not a shorter file`() async throws {
        let folder = try TemporaryFolder()
        let journal = try SQLiteJournal(path: "\(folder.path)/journal.sqlite")
        try await Sample.run("aaaa", events: 9, in: journal)
        try Tamper.run("DELETE FROM event WHERE seq > 6", on: "\(folder.path)/journal.sqlite")
        let error = await #expect(throws: JournalError.self) { _ = try await journal.lines([RunID("aaaa")]) }
        #expect(error?.message == "run aaaa: damaged, event 7 is missing")
    }

    @Test
    func `an export stops where its reader does`() async throws {
        struct Stop: Error {}
        let journal = try SQLiteJournal()
        try await Sample.run("aaaa", events: 200, in: journal)
        var count = 0
        await #expect(throws: Stop.self) {
            try await journal.exportLines([RunID("aaaa")]) { _ in
                count += 1
                if count == 5 { throw Stop() }
            }
        }
        #expect(count == 5)
        let lines = try await journal.lines([RunID("aaaa")])
        let other = try SQLiteJournal()
        await #expect(throws: Stop.self) {
            var rest = lines.makeIterator()
            var left = 7
            _ = try await other.importLines(named: "x") {
                left -= 1
                if left == 0 { throw Stop() }
                return rest.next()
            }
        }
        #expect(try await other.runs().isEmpty)
    }
}
