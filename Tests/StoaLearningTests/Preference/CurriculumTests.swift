import StoaLearning
import StoaTestKit
import Testing

/// Zones, utilities and pairs: the acceptance test S6.
@Suite struct CurriculumTests {
    static let utilities = [
        0.0439369336, 0.1724216239, 0.4578333618, 0.8225775624, 1, 0.8225775624, 0.4578333618, 0.1724216239,
        0.0439369336,
    ]

    /// Attempts of which so many are right, all with answers and lengths of their own.
    static func attempts(right: Int, of count: Int) -> [PreferencePairs.Attempt] {
        (0..<count).map { index in
            PreferencePairs.Attempt(
                text: "attempt \(index)", answer: index < right ? "42" : "\(index)", isRight: index < right,
                length: 10 + 7 * index % 13)
        }
    }

    @Test(arguments: 0...8) func `the table of zones, utilities and numbers of pairs for eight attempts`(right: Int) {
        let zone = DifficultyZone(right: right, of: 8)
        #expect(zone == (right == 0 ? .tooHard : right == 8 ? .mastered : .learning))
        #expect(isNear(ProblemUtility().value(successRate: Double(right) / 8), Self.utilities[right], within: 5e-11))
        let reference = PreferencePairs.Attempt(text: "reference", answer: "42", isRight: true, length: 20)
        let all = PreferencePairs(maximum: nil).pairs(of: Self.attempts(right: right, of: 8), reference: reference)
        #expect(all.count == (right == 0 ? 8 : right * (8 - right)))
        #expect(all.allSatisfy { $0.chosen.isRight && !$0.rejected.isRight })
        let few = PreferencePairs().pairs(of: Self.attempts(right: right, of: 8), reference: reference)
        #expect(few.count == min(4, all.count))
        #expect(few == all.filter(few.contains))
        #expect(PreferencePairs(maximum: nil).pairs(of: Self.attempts(right: 0, of: 8)).isEmpty)
    }

    @Test(arguments: 0..<60) func `few pairs use attempts equally often`(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        let attempts = (0..<10).map { index in
            PreferencePairs.Attempt(
                text: "\(index)", isRight: index % 2 == 0, length: Int.random(in: 1...50, using: &random))
        }
        let pairs = PreferencePairs(maximum: 5).pairs(of: attempts)
        #expect(Set(pairs.map(\.chosen.text)).count == 5)
        #expect(Set(pairs.map(\.rejected.text)).count == 5)
        #expect(pairs == PreferencePairs(maximum: 5).pairs(of: attempts))
        // The first to be kept is the closest in length of all.
        let closest = PreferencePairs(maximum: 1).pairs(of: attempts)
        let distances = PreferencePairs(maximum: nil).pairs(of: attempts).map {
            abs($0.chosen.length - $0.rejected.length)
        }
        #expect(closest.map { abs($0.chosen.length - $0.rejected.length) } == [distances.min()])
    }

    @Test func `what a judge calls right and wrong at once makes no pair`() {
        let right = PreferencePairs.Attempt(text: "a", answer: "5", isRight: true, length: 1)
        let same = PreferencePairs.Attempt(text: "b", answer: "5", isRight: false, length: 1)
        let copy = PreferencePairs.Attempt(text: "a", answer: "6", isRight: false, length: 1)
        let none = PreferencePairs.Attempt(text: "c", isRight: false, length: 1)
        let pairs = PreferencePairs().pairs(of: [right, same, copy, none])
        #expect(pairs.map(\.rejected.text) == ["c"])
    }
}
