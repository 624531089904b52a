import StoaCore
import StoaLearning
import Testing

@testable import StoaEvaluation

struct SaturationTests {
    @Test
    func `the saturation point is the one that counting finds`() {
        for p in [0.001, 0.05, 0.3, 0.5, 0.9, 1] {
            for ceiling in [0.2, 1] {
                for threshold in [1e-6, 0.001, 0.02, 0.3] {
                    let model = SaturationModel(p: p, ceiling: ceiling)
                    var tries = 0
                    while model.gain(after: tries) > threshold { tries += 1 }
                    #expect(model.saturation(threshold: threshold) == tries, "\(p) \(ceiling) \(threshold)")
                }
            }
        }
    }

    @Test
    func `gains add up to what is solved`() {
        let model = SaturationModel(p: 0.13, ceiling: 0.8)
        for tries in 0...40 {
            let sum = (0..<tries).reduce(0) { $0 + model.gain(after: $1) }
            #expect(abs(sum - model.solved(after: tries)) < 1e-13)
        }
    }

    @Test
    func `one chance for all problems promises more than problems of all difficulties keep`() {
        let stream = RandomStream(seed: 40)
        let chances = (0..<400).map { stream.uniform(at: UInt64($0)) < 0.5 ? 0.02 : 0.6 }
        let mean = chances.reduce(0, +) / 400
        let promised = SaturationModel(p: mean).solved(after: 8)
        let kept = SaturationModel.mean(over: chances, tries: 8)
        // And a simulation of the tries agrees with the mixture.
        let solved = chances.enumerated().count { problem, p in
            (0..<8).contains { stream.child(problem).uniform(at: UInt64($0)) < p }
        }
        #expect(promised - kept > 0.3)
        #expect(abs(Double(solved) / 400 - kept) < 0.05)
    }

    @Test(arguments: [0.0, 0.1, 0.5, 1.0])
    func `the rule never exceeds its limit, and stops early where nothing is to be gained`(p: Double) {
        let stream = RandomStream(seed: 1).child("rule")
        var total = 0
        for problem in 0..<100 {
            var rule = SaturationRule(threshold: 0.01, limit: 64)
            while rule.goesOn { rule.add(stream.child(problem).uniform(at: UInt64(rule.tries)) < p) }
            #expect(rule.tries <= 64)
            #expect(rule.tries > 0)
            total += rule.tries
        }
        #expect(total < 64 * 100)
    }

    @Test
    func `the expected gain is the integral over what is known of the chance`() {
        var rule = SaturationRule(threshold: 0, limit: 100)
        for isCorrect in [false, true, false, false] { rule.add(isCorrect) }
        // Beta(2, 4): the density is 20 p (1 - p)³.
        let steps = 20_000
        let integral = (0..<steps).reduce(0.0) { sum, step in
            let p = (Double(step) + 0.5) / Double(steps)
            let q = 1 - p
            return sum + 20 * p * q * q * q * p * q * q * q * q / Double(steps)
        }
        #expect(abs(rule.expectedGain - integral) < 1e-8)
    }
}
