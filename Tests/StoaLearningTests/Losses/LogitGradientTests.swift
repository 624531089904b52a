import StoaLearning
import StoaTestKit
import Testing

/// How hard a token pulls at its logits: the numbers of the acceptance test T8.
@Suite struct LogitGradientTests {
    static let golden = [0.4376441593, 1.0027937444, 1.1423976070, 1.1896401655]

    @Test(arguments: 0..<4) func `the golden norms of proposition 3.1, by the formula and by the gradient`(token: Int) {
        let logits = [2.0, 1, 0, -1]
        let formula = LogitGradient.norm(probabilities: LogitGradient.softmax(logits), token: token)
        #expect(isNear(formula, Self.golden[token], within: 5e-11))
        let gradient = LogitGradient.gradient(logits: logits, token: token, derivative: 1)
        let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(isNear(norm, formula, within: 1e-10))
    }

    @Test(arguments: 0..<50) func `the whole proposition holds for the gradient of an update's loss`(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let logits = Samples.numbers(Int.random(in: 2...9, using: &random), in: -3...3, &random)
        let token = Int.random(in: logits.indices, using: &random)
        let probabilities = LogitGradient.softmax(logits)
        let others = Int.random(in: 0...5, using: &random)
        let (advantage, ratio) = (Double.random(in: -2...2, using: &random), Double.random(in: 0.3...2, using: &random))
        // One token of interest among others that count, at a chosen ratio.
        let loss = ClippedPolicyLoss()
        let value = loss.value(ratio: ratio, advantage: advantage)
        let share = 1 / Double(others + 1)
        let gradient = LogitGradient.gradient(logits: logits, token: token, derivative: share * value.derivative)
        let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let expected =
            share * ratio * (value.isClipped ? 0 : 1) * abs(advantage)
            * LogitGradient.norm(probabilities: probabilities, token: token)
        #expect(isNear(norm, expected, within: 1e-10))
        #expect(isNear(gradient.reduce(0, +), 0, within: 1e-12))
    }

    @Test func `unlikely tokens pull hardest, and certain ones not at all`() {
        let probabilities = LogitGradient.softmax([40, 0, -40])
        #expect(LogitGradient.norm(probabilities: probabilities, token: 0) < 1e-8)
        #expect(isNear(LogitGradient.norm(probabilities: probabilities, token: 2), 2.0.squareRoot(), within: 1e-8))
        #expect(LogitGradient.softmax([1000, 1000]) == [0.5, 0.5])
    }
}
