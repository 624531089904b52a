import Foundation
import StoaCore
import StoaModel
import Testing

@Suite struct StopMatcherTests {
    /// The first match by trying every end in turn, and the longest pattern at that end.
    func naiveMatch(_ text: [UInt8], _ patterns: [[UInt8]]) -> StopMatcher.Match? {
        for end in 0...text.count {
            let found = patterns.indices.filter { text[..<end].reversed().starts(with: patterns[$0].reversed()) }
            guard let best = found.max(by: { patterns[$0].count < patterns[$1].count }) else { continue }
            let first = patterns.firstIndex { $0 == patterns[best] } ?? best
            return StopMatcher.Match(index: first, start: end - patterns[best].count, end: end)
        }
        return nil
    }

    /// The longest end of the text that begins a pattern.
    func naiveHeld(_ text: [UInt8], _ patterns: [[UInt8]]) -> Int {
        (0...text.count).reversed().first { count in
            patterns.contains { count < $0.count && $0.starts(with: text.suffix(count)) }
        } ?? 0
    }

    @Test(arguments: 0..<500 as Range<UInt64>, [false, true])
    func `random texts cut at random places give what a naive search gives`(_ seed: UInt64, _ includes: Bool) {
        let stream = RandomStream(seed: seed).child("stop")
        var position: UInt64 = 0
        func next(_ bound: Int) -> Int {
            position += 1
            return stream.integer(at: position, below: bound)
        }
        // Few letters make many near misses.
        let letters = 1 + next(3)
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(97 + next(letters)) } }
        let patterns = (0..<next(4)).map { _ in bytes(1 + next(6)) }
        let text = bytes(next(80))
        let match = naiveMatch(text, patterns)

        var matcher = StopMatcher(patterns: patterns, includesMatch: includes)
        var emitted: [UInt8] = []
        var found: StopMatcher.Match?
        var place = 0
        while place < text.count {
            let end = min(text.count, place + next(7))
            let step = matcher.feed(text[place..<end])
            emitted += step.emitted
            place = end
            if let match = step.match {
                #expect(found == nil)
                found = match
            }
            if found == nil {
                // Nothing is held back longer than need be.
                #expect(text[..<place] == emitted[...] + text[..<place].suffix(matcher.heldCount))
                #expect(matcher.heldCount == naiveHeld(Array(text[..<place]), patterns))
            }
        }
        emitted += matcher.finish()
        #expect(found == match)
        #expect(matcher.match == match)
        let end = match.map { includes ? $0.end : $0.start } ?? text.count
        #expect(emitted == Array(text[..<end]))
    }

    @Test func `a stop string may straddle pieces and characters`() throws {
        let text = "a…e…é!"
        let condition = StopCondition(strings: ["…é"])
        var byBytes = try condition.makeMatcher()
        #expect(Array("a…e…é!".utf8).flatMap { byBytes.feed([$0]).emitted } == Array("a…e".utf8))
        #expect(byBytes.match == StopMatcher.Match(index: 0, start: 5, end: 10))

        var byCharacters = try condition.makeMatcher()
        for character in text {
            // What is shown never ends inside a character because of the matcher.
            #expect(String(validating: byCharacters.feed(character.utf8).emitted, as: UTF8.self) != nil)
        }
        #expect(byCharacters.match == byBytes.match)
        #expect(byCharacters.finish().isEmpty)
        #expect(byCharacters.feed([65]).emitted.isEmpty)
    }

    @Test func `what looked like a beginning is shown once it is not or once the text ends`() {
        var matcher = StopMatcher(patterns: [Array("###".utf8)], includesMatch: false)
        #expect(matcher.feed("a##".utf8).emitted == Array("a".utf8))
        #expect(matcher.feed("b#".utf8).emitted == Array("##b".utf8))
        #expect(matcher.finish() == Array("#".utf8))
        #expect(matcher.match == nil)
    }

    @Test func `an empty stop string is refused by name`() {
        let error = #expect(throws: SamplingError.self) { try StopCondition(strings: ["a", ""]).makeMatcher() }
        #expect(error?.message == "--stop: expected strings that are not empty, found an empty string")
    }

    @Test func `a condition survives its coded form`() throws {
        let condition = StopCondition(tokens: [9, 2], strings: ["\n"], includesStopString: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(condition)
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"include_stop_string":true,"stop":["\n"],"stop_token_ids":[2,9]}"#)
        #expect(try JSONDecoder().decode(StopCondition.self, from: data) == condition)
        #expect(try JSONDecoder().decode(StopCondition.self, from: Data("{}".utf8)) == StopCondition())
    }
}
