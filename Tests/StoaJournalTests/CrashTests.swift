import Foundation
import StoaCore
import StoaTestKit
import Testing

@testable import StoaJournal

// A process of its own is killed without warning while many of its tasks append at once. What it had acknowledged
// stands in a file beside the journal: a line per event, written after `append` returned.
struct CrashTests {
    @Test(arguments: [1, 2, 7, 40, 150, 400])
    func `kill -9 in the middle of writing loses no acknowledged event`(after acknowledged: Int) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, acknowledged = acknowledged as Int] in
            let journal = try SQLiteJournal(path: "\(path)/journal.sqlite")
            let acknowledgements = open("\(path)/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            let count = Counter()
            try await Sample.run("aaaa", events: 0, in: journal)
            await withTaskGroup { group in
                for writer in 0..<8 {
                    group.addTask {
                        for number in 0..<10_000 {
                            var events = [Sample.event(writer * 10_000 + number)]
                            events[0].blobs = [Blob(Array("content \(writer) \(number)".utf8))]
                            _ = try? await journal.append(events, observation: Sample.observation, to: RunID("aaaa"))
                            let line = Array("\(writer * 10_000 + number)\n".utf8)
                            _ = write(acknowledgements, line, line.count)
                            // The others are in the middle of theirs.
                            if count.next() == acknowledged { kill(getpid(), SIGKILL) }
                        }
                    }
                }
            }
        }
        let lines = try String(contentsOfFile: "\(path)/acknowledged", encoding: .utf8).split(separator: "\n")
        #expect(lines.count >= acknowledged)
        let journal = try SQLiteJournal(path: "\(path)/journal.sqlite")
        #expect(try await journal.verify(RunID("aaaa")).isIntact)
        for line in lines {
            let event = try await journal.event(Sample.key(try #require(Int(line))), in: RunID("aaaa"))
            let digest = try #require(event?.blobs.first, "event \(line) was acknowledged and is lost")
            #expect(try await journal.blob(digest).starts(with: "content ".utf8))
        }
        // And it goes on from there.
        let last = try await journal.lastSequence(in: RunID("aaaa"))
        #expect(
            try await journal.append(
                [Sample.event(1_000_000)], observation: Sample.observation, to: RunID("aaaa")) == last + 1)
    }

    @Test
    func `the lease of a killed process is free`() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/journal.sqlite"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let journal = try SQLiteJournal(path: path)
            var record = Sample.record("aaaa")
            record.owner = ProcessIdentity.current
            try await journal.create(record)
            kill(getpid(), SIGKILL)
        }
        let journal = try SQLiteJournal(path: path)
        let record = try await journal.run(RunID("aaaa"))
        #expect(record.status == .running)
        #expect(try #require(record.owner).isAlive == false)
        let own = try #require(ProcessIdentity.current)
        try await journal.claim(RunID("aaaa"), owner: own)
        #expect(try await journal.run(RunID("aaaa")).owner == own)
    }
}

/// Counts from one.
final class Counter: Sendable {
    private let count = Guarded(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
