import Foundation
import OrderedCollections
import StoaCore
import StoaTestKit
import Testing

@testable import StoaJournal

/// Exports that were changed, cut or made up: each is refused as a whole, with the line.
struct ImportErrorTests {
    /// The lines of a run of three events, the second with content, and of a fork of it.
    private static func lines() async throws -> [String] {
        let journal = try SQLiteJournal()
        try await journal.create(Sample.record("aaaa"))
        for number in 1...3 {
            var event = Sample.event(number, payload: ["number": .integer(Int64(number))])
            if number == 2 { event.blobs = [Blob(Array("hello".utf8))] }
            try await journal.append([event], observation: Sample.observation, to: RunID("aaaa"))
        }
        try await journal.create(Sample.record("bbbb", parent: RunRecord.Fork(run: RunID("aaaa"), sequence: 2)))
        try await journal.append([Sample.event(9)], observation: Sample.observation, to: RunID("bbbb"))
        return try await journal.lines([RunID("aaaa"), RunID("bbbb")])
    }

    private static func refusal(_ lines: [String], in journal: SQLiteJournal? = nil) async throws -> JournalError {
        let journal = try journal ?? SQLiteJournal()
        let runs = try await journal.runs()
        let error = await #expect(throws: JournalError.self) { try await journal.take(lines) }
        #expect(try await journal.runs() == runs)
        return try #require(error)
    }

    /// A change to the lines, and what is said of it.
    struct Change: CustomTestStringConvertible {
        let from: String
        let to: String
        let line: Int
        let told: String

        var testDescription: String { "\(from) -> \(to)" }

        static let all: [Change] = [
            Change(
                from: #""version":1"#, to: #""version":2"#, line: 1,
                told: "the export has version 2, this program knows 1"),
            Change(from: "stoa-journal", to: "other", line: 1, told: "neither a run, nor content, nor an event"),
            Change(
                from: #"{"number":1}"#, to: #"{"number":2}"#, line: 3,
                told: "event 1 of run aaaa does not have its digest: it was changed"),
            Change(
                from: #""process":42,"#, to: #""process":43,"#, line: 3,
                told: "event 1 of run aaaa does not have its digest: it was changed"),
            Change(
                from: #""previous":"0"#, to: #""previous":"1"#, line: 3,
                told: "event 1 of run aaaa does not have its digest: it was changed"),
            Change(
                from: #""digest":""#, to: #""digest":"x"#, line: 3,
                told: #""digest" is not a digest of 64 hexadecimal digits"#),
            Change(from: #""sequence":1}"#, to: #""sequence":2}"#, line: 3, told: "event 2, expected 1"),
            Change(
                from: #""run":"aaaa","sequence":1}"#, to: #""run":"cccc","sequence":1}"#, line: 3,
                told: "an event of run cccc, whose record is not the one before"),
            Change(from: "aGVsbG8=", to: "aGVsbG9=", line: 4, told: #""base64" is not Base64"#),
            Change(
                from: "aGVsbG8=", to: "aGVsbA==", line: 4,
                told:
                    "the content has the digest \(SHA256Digest(hashing: "hell".utf8)), not \(SHA256Digest(hashing: "hello".utf8))"
            ),
            Change(
                from: #""codec":"raw""#, to: #""codec":"zip""#, line: 4,
                told: #"the content's "codec" is not raw, the only one that this program knows"#),
            Change(
                from: #""status":"running""#, to: #""status":"lost""#, line: 2,
                told: #""status" is none that this program knows"#),
            Change(from: #""last":3"#, to: #""last":4"#, line: 7, told: "run aaaa ends at event 3, 4 were announced"),
            Change(
                from: #""run":"aaaa","sequence":2},"playbook"#, to: #""run":"aaaa","sequence":7},"playbook"#, line: 7,
                told: "run bbbb was branched from event 7 of aaaa, which is not here"),
            Change(from: #"{"event":"#, to: #"{"event":["#, line: 3, told: ""),
            Change(
                from: #""causes":[]"#, to: #""causes":["?"]"#, line: 3,
                told: #""causes" holds something that is no key"#),
        ]
    }

    @Test(arguments: Change.all)
    func `a changed line is refused and named`(change: Change) async throws {
        var lines = try await Self.lines()
        let index = try #require(lines.firstIndex { $0.contains(change.from) })
        let range = try #require(lines[index].range(of: change.from))
        lines[index].replaceSubrange(range, with: change.to)
        let error = try await Self.refusal(lines)
        #expect(error.code == .invalidImport && error.kind == .badInput)
        if change.told.isEmpty {
            #expect(error.message.hasPrefix("runs.jsonl:\(change.line): "))
        } else {
            #expect(
                error.description == """
                    runs.jsonl:\(change.line): \(change.told)
                    hint: export the runs again with stoa log export; nothing was imported
                    """)
        }
    }

    @Test
    func `every line is needed, in its place`() async throws {
        let lines = try await Self.lines()
        #expect(lines.count == 8)
        for index in lines.indices {
            var fewer = lines
            fewer.remove(at: index)
            #expect(try await Self.refusal(fewer).code == .invalidImport, "without line \(index + 1)")
            #expect(try await Self.refusal(Array(lines.prefix(index))).code == .invalidImport, "up to line \(index)")
        }
        #expect(
            try await Self.refusal(Array(lines.prefix(6))).message
                == "runs.jsonl:6: the export ends after 1 runs, 2 were announced")
        #expect(try await SQLiteJournal().take(SQLiteJournal().lines([])) == ImportReport())
        #expect(
            try await Self.refusal([]).message == "runs.jsonl:1: there is no header of an export of a journal")
        #expect(
            try await Self.refusal([lines[1]]).message
                == "runs.jsonl:1: the first line is not the header of an export of a journal")
        #expect(try await Self.refusal(lines.prefix(1) + lines).message == "runs.jsonl:2: a second header")
        #expect(try await Self.refusal(lines + ["{"]).message.hasPrefix("runs.jsonl:9: "))
    }

    @Test(arguments: 0..<200)
    func `an export with damaged bytes is refused, or means the same`(seed: UInt64) async throws {
        let lines = try await Self.lines()
        var mutator = Mutator(seed: seed, vocabulary: ["\"", "{", "}", ",\"run\":", "null", "\n", "-1", "0"])
        let text = String(decoding: mutator.mutate(Array(lines.joined(separator: "\n").utf8)), as: UTF8.self)
        let changed = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let journal = try SQLiteJournal()
        do {
            try await journal.take(changed)
            for run in try await journal.runs() { #expect(try await journal.verify(run.id).isIntact) }
        } catch let error as JournalError {
            #expect(error.message.hasPrefix("runs.jsonl:"))
            #expect(try await journal.runs().isEmpty)
        }
    }

    @Test
    func `a run that is there with other content refuses the import`() async throws {
        let lines = try await Self.lines()
        for change in ["event", "status", "fewer"] {
            let journal = try SQLiteJournal()
            if change == "event" {
                try await Sample.run("aaaa", events: 3, in: journal)
            } else {
                try await journal.take(lines)
                if change == "status" { try await journal.update(RunID("aaaa"), status: .failed, answer: nil) }
                if change == "fewer" {
                    try await journal.append([Sample.event(4)], observation: Sample.observation, to: RunID("aaaa"))
                }
            }
            let error = try await Self.refusal(lines, in: journal)
            #expect(
                error.description == """
                    runs.jsonl:2: run aaaa is in the journal with other content
                    hint: import into another journal: --journal FILE
                    """)
            #expect(error.code == .duplicate && error.kind == .badInput)
        }
    }
}

struct Base64Tests {
    @Test
    func `the examples of the standard`() {
        for (text, encoded) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            #expect(Base64.encode(Array(text.utf8)) == encoded)
            #expect(Base64.decode(encoded) == Array(text.utf8))
        }
    }

    @Test(arguments: 0..<100)
    func `bytes survive`(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "====", "Zh==", "Zm9=", "Zm9v\n", "Zm-v", "=Zm9", "Zm=v", "é",
    ])
    func `any other text is none`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
