import StoaCore
import StoaTestKit
import Testing

@testable import StoaJournal

/// Questions by key, in orders that a replay asks in and in orders that nobody does.
struct ReadAheadTests {
    @Test(arguments: 0..<8)
    func `events are found by key in any order, in a fork as in its parent`(seed: UInt64) async throws {
        let journal = try SQLiteJournal()
        let parent = try await Sample.run("aaaa", events: 500, in: journal)
        try await journal.create(Sample.record("bbbb", parent: RunRecord.Fork(run: parent, sequence: 300)))
        let fork = RunID("bbbb")
        let own = (1001...1300).map { Sample.event($0, payload: ["by": "the fork"]) } + [Sample.event(400)]
        try await journal.append(own, observation: Sample.observation, to: fork)

        var random = SplitMix(seed: seed)
        for run in [parent, fork, parent] {
            var events = try await journal.events(in: run, after: 0, limit: .max)
            switch seed % 4 {
            case 0: break
            case 1: events.shuffle(using: &random)
            case 2: events.reverse()
            default:
                // Almost in order, as parallel branches are.
                for index in events.indices.dropLast(8) {
                    events.swapAt(index, index + Int.random(in: 0..<8, using: &random))
                }
            }
            for event in events { #expect(try await journal.event(event.event.key, in: run) == event) }
            #expect(try await journal.event(Sample.key(9999), in: run) == nil)
        }
        #expect(try await journal.event(Sample.key(350), in: fork) == nil)
        #expect(try await journal.event(Sample.key(1001), in: parent) == nil)
        #expect(try await journal.event(Sample.key(400), in: fork)?.run == fork)
        #expect(try await journal.event(Sample.key(400), in: parent)?.run == parent)
    }

    @Test
    func `what is kept is bounded`() async throws {
        let journal = try SQLiteJournal()
        let run = try await Sample.run(events: 0, in: journal)
        let text = String(repeating: "x", count: 100_000)
        for number in 1...300 {
            try await journal.append(
                [Sample.event(number, payload: .string(text))], observation: Sample.observation, to: run)
        }
        for number in 1...300 { #expect(try await journal.event(Sample.key(number), in: run)?.sequence == number) }
        let kept = (1...300).filter { journal.ahead.find(Sample.key($0).description, in: run) != nil }
        #expect((1...2 * (ReadAhead.bytes / 100_000 + 2)).contains(kept.count), "\(kept.count) are kept")
    }
}
