import OrderedCollections
import StoaCore
import StoaTestKit
import Testing

@testable import StoaEvaluation

// Against scipy, numpy and exact fractions: Tests/Goldens/statistics.
struct GoldenTests {
    private let goldens: JSONValue

    init() throws { goldens = try JSONParser.parse(try golden("statistics/goldens.json")) }

    private func cases(_ path: String...) throws -> [JSONValue] {
        let found = path.reduce(Optional(goldens)) { $0?[$1] }
        let cases = try #require(found?.arrayValue)
        #expect(!cases.isEmpty)
        return cases
    }

    private func number(_ value: JSONValue, _ name: String) throws -> Double {
        try #require(value[name]?.doubleValue, "\(name)")
    }

    private func integer(_ value: JSONValue, _ name: String) throws -> Int {
        try #require(value[name]?.intValue, "\(name)")
    }

    private func interval(_ value: JSONValue, _ name: String) throws -> ConfidenceInterval {
        let ends = try numbers(value, name)
        return ConfidenceInterval(ends[0], ends[1])
    }

    private func numbers(_ value: JSONValue, _ name: String) throws -> [Double] {
        try #require(value[name]?.arrayValue).compactMap(\.doubleValue)
    }

    /// Relative to 10⁻⁹, or absolute where the number itself is below 10⁻³⁰⁰.
    private func expect(
        _ found: Double, _ expected: Double, _ what: JSONValue, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let isClose = (found - expected).magnitude <= 1e-9 * max(expected.magnitude, 1e-291)
        #expect(isClose, "\(found) is not \(expected): \(what.text)", sourceLocation: sourceLocation)
    }

    private func expect(
        _ found: ConfidenceInterval, _ expected: ConfidenceInterval, _ what: JSONValue,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let off = max((found.lower - expected.lower).magnitude, (found.upper - expected.upper).magnitude)
        #expect(off <= 1e-9, "\(found) is not \(expected): \(what.text)", sourceLocation: sourceLocation)
    }

    @Test
    func `binomial probabilities and tails are those of scipy`() throws {
        for one in try cases("binomial") {
            let (successes, trials) = (try integer(one, "successes"), try integer(one, "trials"))
            let p = try number(one, "p")
            expect(
                BinomialDistribution.probability(of: successes, in: trials, p: p), try number(one, "probability"), one)
            expect(BinomialDistribution.atMost(successes, in: trials, p: p), try number(one, "at_most"), one)
            expect(BinomialDistribution.atLeast(successes, in: trials, p: p), try number(one, "at_least"), one)
        }
    }

    @Test
    func `the incomplete beta function is that of scipy`() throws {
        for one in try cases("beta") {
            let found = BetaDistribution.cumulative(
                try number(one, "x"), a: try number(one, "a"), b: try number(one, "b"))
            expect(found, try number(one, "cumulative"), one)
        }
    }

    @Test
    func `student's distribution and its quantiles are those of scipy`() throws {
        for one in try cases("student", "cumulative") {
            let (t, degrees) = (try number(one, "t"), try number(one, "degrees"))
            expect(StudentDistribution.cumulative(t, degrees: degrees), try number(one, "cumulative"), one)
            expect(StudentDistribution.beyond(t, degrees: degrees), try number(one, "beyond"), one)
        }
        for one in try cases("student", "quantile") {
            let found = StudentDistribution.quantile(try number(one, "p"), degrees: try number(one, "degrees"))
            expect(found, try number(one, "quantile"), one)
        }
    }

    @Test
    func `the normal distribution and its quantiles are those of scipy`() throws {
        for one in try cases("normal", "cumulative") {
            expect(StandardNormal.cumulative(try number(one, "z")), try number(one, "cumulative"), one)
        }
        for one in try cases("normal", "quantile") {
            expect(StandardNormal.quantile(try number(one, "p")), try number(one, "quantile"), one)
        }
    }

    @Test
    func `wilson intervals are those of scipy`() throws {
        for one in try cases("wilson") {
            let found = WilsonInterval.interval(
                successes: try integer(one, "successes"), trials: try integer(one, "trials"),
                level: try number(one, "level"))
            expect(found, try interval(one, "interval"), one)
        }
    }

    @Test
    func `mcnemar's p-values are those of scipy's binomial test`() throws {
        for one in try cases("mcnemar") {
            let test = McNemarTest(
                onlyFirst: try integer(one, "only_first"), onlySecond: try integer(one, "only_second"))
            expect(test.exact, try number(one, "exact"), one)
            expect(test.midP, try number(one, "mid_p"), one)
        }
    }

    @Test
    func `newcombe's interval is that of his formula`() throws {
        for one in try cases("newcombe") {
            let counts = try numbers(one, "counts").map { Int($0) }
            let shares = PairedShares(
                both: counts[0], onlyFirst: counts[1], onlySecond: counts[2], neither: counts[3])
            expect(shares.interval(), try interval(one, "interval"), one)
        }
    }

    @Test
    func `paired differences are those of scipy's t test`() throws {
        for one in try cases("paired") {
            let found = PairedDifference(try numbers(one, "differences"))
            expect(found.studentP, try number(one, "p"), one)
            expect(found.studentInterval(), try interval(one, "student"), one)
            expect(found.normalInterval(), try interval(one, "normal"), one)
        }
    }

    @Test
    func `clustered errors are those of numpy`() throws {
        for one in try cases("clustered") {
            let groups = try #require(one["groups"]?.arrayValue).map { ($0.arrayValue ?? []).compactMap(\.doubleValue) }
            let found = ClusteredError(groups)
            expect(found.mean, try number(one, "mean"), one)
            expect(found.standardError, try number(one, "error"), one)
        }
    }

    @Test
    func `percentile and bca intervals of given replicates are those of scipy`() throws {
        for one in try cases("bootstrap") {
            let (replicates, jackknife) = (try numbers(one, "replicates"), try numbers(one, "jackknife"))
            let estimate = try number(one, "estimate")
            let plain = Bootstrap.interval(replicates: replicates, estimate: estimate, jackknife: [], level: 0.95)
            let corrected = Bootstrap.interval(
                replicates: replicates, estimate: estimate, jackknife: jackknife, level: 0.95)
            expect(plain, try interval(one, "percentile"), one)
            expect(corrected, try interval(one, "bca"), one)
        }
    }

    @Test
    func `pass at k is the exact fraction`() throws {
        for one in try cases("pass_at_k") {
            let found = PassAtK.estimate(
                correct: try integer(one, "correct"), tries: try integer(one, "tries"), k: try integer(one, "k"))
            expect(try #require(found), try number(one, "chance"), one)
        }
    }

    @Test
    func `majority at k is what going through every subset gives`() throws {
        for one in try cases("majority") {
            let answers = try numbers(one, "answers").map { $0 < 0 ? nil : String(Int($0)) }
            let right = String(try integer(one, "right"))
            let vote = MajorityAtK(answers: answers, correct: answers.map { $0 == right }) { _, _ in false }
            let found = try #require(vote.chance(k: try integer(one, "k")))
            #expect((found - (try number(one, "chance"))).magnitude <= 1e-12, "\(found): \(one.text)")
        }
    }

    @Test
    func `calibration error and brier score are those of numpy`() throws {
        let one = try #require(goldens["calibration"])
        let correct = try #require(one["correct"]?.arrayValue).compactMap(\.boolValue)
        let found = Calibration(Array(zip(try numbers(one, "confidence"), correct)))
        expect(found.expectedError, try number(one, "expected_error"), "calibration")
        expect(found.brier, try number(one, "brier"), "calibration")
        #expect(found.bins.reduce(0) { $0 + $1.count } == correct.count)
    }
}
