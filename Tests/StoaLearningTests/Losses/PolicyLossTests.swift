import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// The loss of a token: the numbers of the acceptance test T6, and its derivative.
@Suite struct PolicyLossTests {
    static let golden: [(ratio: Double, advantage: Double, loss: Double, isClipped: Bool)] = [
        (1.5, 1, -1.28, true), (0.5, 1, -0.5, false), (1.1, 1, -1.1, false), (1.5, -1, 1.5, false),
        (0.5, -1, 0.8, true), (5, -1, 3.0, true), (0.9, -1, 0.9, false), (1.3, 2, -2.56, true),
    ]

    @Test(arguments: golden.indices) func `the golden numbers of clip-higher and dual clip`(index: Int) {
        let (ratio, advantage, loss, isClipped) = Self.golden[index]
        let value = ClippedPolicyLoss(lower: 0.2, upper: 0.28, dualClip: 3).value(ratio: ratio, advantage: advantage)
        #expect(isNear(value.loss, loss, within: 1e-12))
        #expect(value.isClipped == isClipped)
        // The derivative is zero exactly where the loss is clipped, and -A rho elsewhere.
        #expect(value.derivative == (isClipped ? 0 : -advantage * ratio))
    }

    @Test(arguments: 0..<200) func `the derivative is that of the loss`(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        let loss = ClippedPolicyLoss(
            lower: Double.random(in: 0.05...0.5, using: &random), upper: Double.random(in: 0.05...0.5, using: &random),
            dualClip: seed % 3 == 0 ? nil : Double.random(in: 1.6...4, using: &random))
        let behaviour = Double.random(in: -5...0, using: &random)
        let logProbability = behaviour + Double.random(in: -2...2, using: &random)
        let advantage = Double.random(in: -2...2, using: &random)
        func value(_ shift: Double) -> ClippedPolicyLoss.Value {
            loss.value(logProbability: logProbability + shift, behaviour: behaviour, advantage: advantage)
        }
        let step = 1e-6
        let slope = (value(step).loss - value(-step).loss) / (2 * step)
        // A bound between the two places has no derivative to compare with.
        guard value(step).isClipped == value(-step).isClipped else { return }
        #expect(isNear(value(0).derivative, slope, within: 1e-7 * max(1, abs(slope))))
    }

    @Test(arguments: 0..<200) func `without clipping it is importance sampling, and clipping only ever raises the loss`(
        seed: Int
    ) {
        var random = SplitMix(seed: UInt64(seed))
        let ratio = Double.random(in: 0...4, using: &random)
        let advantage = Double.random(in: -2...2, using: &random)
        let open = ClippedPolicyLoss(lower: .infinity, upper: .infinity, dualClip: nil)
        #expect(open.value(ratio: ratio, advantage: advantage).loss == -advantage * ratio)
        let single = ClippedPolicyLoss(dualClip: nil).value(ratio: ratio, advantage: advantage)
        #expect(single.loss >= -advantage * ratio)
        let dual = ClippedPolicyLoss().value(ratio: ratio, advantage: advantage)
        #expect(dual.loss <= single.loss)
        if advantage > 0 { #expect(dual == single) }
    }

    @Test func `on the policy that sampled nothing is clipped and the derivative is minus the advantage`() {
        for advantage in [-1.5, 0, 2] {
            let value = ClippedPolicyLoss().value(logProbability: -3, behaviour: -3, advantage: advantage)
            #expect(value.ratio == 1)
            #expect(!value.isClipped)
            #expect(value.derivative == -advantage)
        }
    }

    @Test func `ratios without bound stay numbers where the second clip holds them`() {
        let loss = ClippedPolicyLoss()
        for advantage in [-1.0, 0, 1] {
            let value = loss.value(logProbability: 0, behaviour: -1e4, advantage: advantage)
            #expect(value.ratio == .infinity)
            #expect(value.loss.isFinite)
            #expect(value.derivative == 0)
        }
        // Without it a bad trajectory's low-probability token has a derivative without bound.
        let open = ClippedPolicyLoss(dualClip: nil).value(logProbability: 0, behaviour: -1e4, advantage: -1)
        #expect(open.derivative == .infinity)
    }

    @Test func `the golden number of k3, its sign, its clamp and its derivative`() {
        let kl = KLEstimator()
        #expect(isNear(kl.value(logProbability: -1, reference: -1.5).estimate, 0.1065306597, within: 5e-11))
        #expect(kl.value(logProbability: -2, reference: -2) == (0, 0))
        #expect(kl.value(logProbability: -9, reference: 0) == (10, 0))
        #expect(kl.value(logProbability: 0, reference: -100) == (10, 0))
        #expect(kl.value(logProbability: -2000, reference: 0) == (10, 0))
        var random = SplitMix(seed: 3)
        for _ in 0..<200 {
            let (own, other) = (Double.random(in: -2...0, using: &random), Double.random(in: -2...0, using: &random))
            let value = kl.value(logProbability: own, reference: other)
            #expect(value.estimate >= 0)
            let above = kl.value(logProbability: own + 1e-6, reference: other).estimate
            let below = kl.value(logProbability: own - 1e-6, reference: other).estimate
            #expect(isNear(value.derivative, (above - below) / 2e-6, within: 1e-7))
        }
    }

    @Test func `the mean of k3 over a policy is its divergence from the reference`() {
        let policy = LogitGradient.softmax([2, 1, 0, -1])
        let reference = LogitGradient.softmax([0.5, 1, 1, -2])
        func log(_ x: Double) -> Double { PortableMath.log(x) }
        let kl = KLEstimator()
        var (estimate, exact) = (0.0, 0.0)
        for (own, other) in zip(policy, reference) {
            estimate += own * kl.value(logProbability: log(own), reference: log(other)).estimate
            exact += own * (log(own) - log(other))
        }
        #expect(isNear(estimate, exact, within: 1e-12))
    }
}
