import StoaCore
import Testing

@testable import StoaEvaluation

// How often intervals hold the truth, in simulations whose seeds are fixed: each bound is the nominal level less what its
// construction is known to lose, and a little for the number of simulations.
struct CoverageTests {
    private let stream = RandomStream(seed: 7).child("coverage")

    /// The share of simulations in which an interval holds the truth.
    private func coverage(_ name: String, of truth: Double, simulations: Int, _ interval: (Draws) -> ConfidenceInterval)
        -> Double
    {
        let held = (0..<simulations).count { simulation in
            interval(Draws(stream.child(name).child(simulation))).contains(truth)
        }
        return Double(held) / Double(simulations)
    }

    @Test(arguments: [(10, 0.1), (20, 0.5), (50, 0.02), (200, 0.31), (200, 0.9)])
    func `wilson intervals hold the true share as often as they say`(trials: Int, p: Double) {
        // Exactly: over all outcomes, weighted with their probabilities.
        let held = (0...trials).reduce(0.0) { sum, successes in
            WilsonInterval.interval(successes: successes, trials: trials).contains(p)
                ? sum + BinomialDistribution.probability(of: successes, in: trials, p: p) : sum
        }
        #expect(held > 0.92 && held < 0.995, "\(held)")
    }

    @Test
    func `intervals of tries that are alike hold the true mean, and those that take them for independent do not`() {
        // Half of the problems are solved always, half never: ten tries each say no more than one.
        func scores(_ draws: Draws) -> [[Double]] {
            (0..<40).map { Array(repeating: draws.uniform($0) < 0.5 ? 1 : 0, count: 10) }
        }
        let clustered = coverage("clusters", of: 0.5, simulations: 1000) {
            WilsonInterval.interval(clusters: scores($0))
        }
        let naive = coverage("clusters", of: 0.5, simulations: 1000) {
            WilsonInterval.interval(successes: Int(scores($0).joined().reduce(0, +)), trials: 400)
        }
        #expect(clustered > 0.92, "\(clustered)")
        #expect(naive < 0.6, "\(naive)")
    }

    @Test
    func `clustered intervals hold the true mean of problems of all difficulties`() {
        let found = coverage("difficulties", of: 0.5, simulations: 1000) { draws in
            WilsonInterval.interval(
                clusters: (0..<30).map { problem in
                    let p = draws.uniform(problem)
                    return (0..<4).map { draws.uniform(1000 + 4 * problem + $0) < p ? 1 : 0 }
                })
        }
        #expect(found > 0.92 && found < 0.985, "\(found)")
    }

    @Test(arguments: [Bootstrap.Method.percentile, .bca])
    func `bootstrap intervals hold the true mean of a skewed law`(method: Bootstrap.Method) {
        var simulation: UInt64 = 0
        let found = coverage("bootstrap", of: 1, simulations: 300) { draws in
            simulation += 1
            return Bootstrap(replicates: 300, seed: simulation)
                .mean(of: (0..<100).map { -PortableMath.log(1 - draws.uniform($0)) }, method: method)
        }
        #expect(found > 0.9, "\(found)")
    }

    @Test
    func `differences of pairs lie in their intervals`() {
        let truth = 0.5 * (0.7 - 0.3)
        var shares = 0
        var student = 0
        let simulations = 1000
        for simulation in 0..<simulations {
            let draws = Draws(stream.child("pairs").child(simulation))
            // Both get a problem right for the same reason half of the time.
            let pairs = (0..<50).map { index -> (Bool, Bool) in
                let common = draws.uniform(3 * index) < 0.5
                let draw = draws.uniform(3 * index + 1)
                return common ? (draw < 0.4, draw < 0.4) : (draw < 0.3, draws.uniform(3 * index + 2) < 0.7)
            }
            func count(_ first: Bool, _ second: Bool) -> Int { pairs.count { $0 == (first, second) } }
            let counts = PairedShares(
                both: count(true, true), onlyFirst: count(true, false), onlySecond: count(false, true),
                neither: count(false, false))
            shares += counts.interval().contains(truth) ? 1 : 0
            let differences = pairs.map { ($0.1 ? 1.0 : 0) - ($0.0 ? 1 : 0) }
            student += PairedDifference(differences).studentInterval().contains(truth) ? 1 : 0
        }
        #expect(shares > 930 && shares < 985, "\(shares)")
        #expect(student > 930 && student < 985, "\(student)")
    }

    @Test
    func `mcnemar's exact test rejects equally good ways no more often than it says`() {
        // Over all splits of 30 pairs that differ.
        let rejected = (0...30).reduce(0.0) { sum, first in
            McNemarTest(onlyFirst: first, onlySecond: 30 - first).exact < 0.05
                ? sum + BinomialDistribution.probability(of: first, in: 30, p: 0.5) : sum
        }
        #expect(rejected < 0.05 && rejected > 0.01)
    }

    @Test
    func `a betting sequence holds the mean at every look, and stopping at the best moment does not break it`() {
        let simulations = 200
        var sequences = 0
        var repeatedly = 0
        for simulation in 0..<simulations {
            let draws = Draws(stream.child("betting").child(simulation))
            var sequence = BettingSequence()
            var (isHeld, isWilsonHeld, correct) = (true, true, 0)
            for index in 0..<300 {
                let isRight = draws.uniform(index) < 0.35
                correct += isRight ? 1 : 0
                sequence.add(isRight ? 1 : 0)
                isHeld = isHeld && sequence.interval.contains(0.35)
                let wilson = WilsonInterval.interval(successes: correct, trials: index + 1)
                isWilsonHeld = isWilsonHeld && wilson.contains(0.35)
            }
            sequences += isHeld ? 1 : 0
            repeatedly += isWilsonHeld ? 1 : 0
        }
        #expect(Double(sequences) / Double(simulations) >= 0.95, "\(sequences)")
        // The interval of a fixed size, looked at again and again, is wrong far more often than one in twenty.
        #expect(Double(repeatedly) / Double(simulations) < 0.85, "\(repeatedly)")
    }

    @Test
    func `a betting sequence becomes short, and shorter where scores vary little`() {
        let draws = Draws(stream.child("lengths"))
        var (noisy, calm) = (BettingSequence(), BettingSequence())
        for index in 0..<1000 {
            noisy.add(draws.uniform(index) < 0.5 ? 1 : 0)
            calm.add(0.45 + draws.uniform(index) / 10)
        }
        #expect(noisy.interval.width < 0.15, "\(noisy.interval)")
        #expect(calm.interval.width < 0.03, "\(calm.interval)")
        #expect(calm.interval.contains(0.5))
    }
}

/// Numbers of one simulation, by position.
struct Draws {
    private let stream: RandomStream

    init(_ stream: RandomStream) { self.stream = stream }

    func uniform(_ position: Int) -> Double { stream.uniform(at: UInt64(position)) }
}
