import Foundation
import StoaCore
import StoaTestKit
import Testing

@testable import StoaJournal

/// Journals of every version of the layout, kept for ever: each must open and verify, and hold what was written.
///
/// They are recorded with `RECORD_GOLDENS=1`, once per version, which CI refuses; recording fails the test, so that it
/// does not go unnoticed. See `Tests/Replay/README.md`.
struct ReplayFixtureTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Replay").path

    private static func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    @Test
    func `a journal of the current version is recorded only when asked for, and never by CI`() async throws {
        guard Self.environment("RECORD_GOLDENS") == "1" else { return }
        try #require(Self.environment("CI") != "true", "CI does not record")
        let path = "\(Self.folder)/\(JournalSchema.current)/journal.sqlite"
        try #require(!FileManager.default.fileExists(atPath: path), "\(path) is kept for ever")
        try FileManager.default.createDirectory(
            atPath: "\(Self.folder)/\(JournalSchema.current)", withIntermediateDirectories: true)
        let journal = try SQLiteJournal(path: path)
        for seed in 0..<6 { _ = try await Sample.fill(journal, seed: UInt64(seed)) }
        let lines = try await journal.lines(journal.runs().map(\.id))
        try await journal.close()
        try Data(lines.map { "\($0)\n" }.joined().utf8)
            .write(to: URL(fileURLWithPath: "\(Self.folder)/\(JournalSchema.current)/journal.jsonl"))
        Issue.record("recorded \(path); run the tests again without RECORD_GOLDENS")
    }

    @Test(arguments: 1...JournalSchema.current)
    func `a journal of every version opens, verifies and holds what was written`(version: Int) async throws {
        // A copy, since opening an old one brings it forward.
        let folder = try TemporaryFolder()
        let kept = "\(Self.folder)/\(version)/journal.sqlite"
        let path = try folder.write("journal.sqlite", fileBytes(kept))
        let written = try String(contentsOfFile: "\(Self.folder)/\(version)/journal.jsonl", encoding: .utf8)
        for access in [SQLiteJournal.Options.Access.readWrite, .readOnly] {
            let journal = try SQLiteJournal(path: path, options: .init(access: access))
            let runs = try await journal.runs()
            #expect(runs.count >= 10)
            #expect(runs.contains { $0.parent != nil })
            for run in runs { #expect(try await journal.verify(run.id).isIntact) }
            let lines = try await journal.lines(runs.map(\.id))
            #expect(lines.map { "\($0)\n" }.joined() == written)
        }
        let journal = try SQLiteJournal(path: path)
        let run = try await journal.runs()[0].id
        try await journal.append([Sample.event(1 << 40)], observation: Sample.observation, to: run)
        #expect(try await journal.verify(run).isIntact)
    }

    @Test(arguments: 1...JournalSchema.current)
    func `an export of every version is imported`(version: Int) async throws {
        let written = try String(contentsOfFile: "\(Self.folder)/\(version)/journal.jsonl", encoding: .utf8)
        let journal = try SQLiteJournal()
        let lines = written.split(separator: "\n").map(String.init)
        let report = try await journal.take(lines)
        #expect(report.events > 50 && report.runs.count >= 10)
        #expect(try await journal.lines(report.runs) == lines)
    }
}
