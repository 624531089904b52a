import OrderedCollections
import StoaCore
import StoaEvaluation
import StoaTestKit
import Testing

/// What a verifier's errors are counted as.
@Suite struct ErrorRatesTests {
    @Test func `every case counts once, and what was not decided is no acceptance`() {
        var rates = ErrorRates()
        let cases: [(said: Bool?, isRight: Bool, times: Int)] = [
            (true, true, 7), (true, false, 1), (false, true, 2), (false, false, 11), (nil, true, 3), (nil, false, 5),
        ]
        for (said, isRight, times) in cases {
            for _ in 0..<times { rates.add(said, isRight: isRight) }
        }
        #expect(rates.right == 12)
        #expect(rates.wrong == 17)
        #expect(rates.falsePositives.share == 1.0 / 17)
        #expect(rates.falseNegatives.share == 5.0 / 12)
        #expect(rates.undecided.share == 8.0 / 29)
        #expect(rates.accuracy.share == 18.0 / 29)
        #expect(rates.document["false_negative"]?["count"] == 5)
        #expect(rates.document["n"] == 29)
    }

    @Test func `intervals are Wilson's, and hold the share`() {
        var rates = ErrorRates()
        for index in 0..<200 { rates.add(index < 3, isRight: false) }
        let interval = rates.falsePositives.interval()
        // statsmodels.stats.proportion.proportion_confint(3, 200, method="wilson")
        #expect(abs(interval.lower - 0.0051143) < 1e-6)
        #expect(abs(interval.upper - 0.0431657) < 1e-6)
        #expect(rates.falseNegatives.share == nil)
        #expect(rates.falseNegatives.document["rate"] == .null)
        #expect(rates.falseNegatives.interval() == ConfidenceInterval(0, 1))
    }

    @Test func `a verdict is what it says`() {
        var rates = ErrorRates()
        rates.add(.undecided("", by: "v"), isRight: true)
        rates.add(Verdict(isAccepted: true, score: 1, evidence: "", verifier: "v"), isRight: true)
        rates.add(Verdict(isAccepted: false, score: 0, evidence: "", verifier: "v"), isRight: false)
        #expect(rates.accuracy.count == 2)
        #expect(rates.undecided.count == 1)
    }
}
