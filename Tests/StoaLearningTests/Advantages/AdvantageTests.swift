import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// Advantages of groups: the numbers of the acceptance test T5, and what holds for all rewards.
@Suite struct AdvantageTests {
    @Test func `the golden numbers of GRPO`() {
        let grpo = GRPOAdvantage()
        let one = grpo.advantages(of: [1, 0, 0, 0])
        #expect(isNear(one[0], 1.499997, within: 5e-7))
        #expect(one.dropFirst().allSatisfy { isNear($0, -0.499999, within: 5e-7) })
        let two = grpo.advantages(of: [1, 1, 0, 0])
        #expect(two.prefix(2).allSatisfy { isNear($0, 0.8660239038, within: 5e-11) })
        #expect(two.suffix(2).allSatisfy { isNear($0, -0.8660239038, within: 5e-11) })
        let many = grpo.advantages(of: (0..<16).map { $0 < 8 ? 1 : 0 })
        #expect(many.prefix(8).allSatisfy { isNear($0, 0.9682439616, within: 5e-11) })
        #expect(many.suffix(8).allSatisfy { isNear($0, -0.9682439616, within: 5e-11) })
    }

    @Test func `the golden numbers of Dr. GRPO`() {
        #expect(DrGRPOAdvantage().advantages(of: [1, 0, 0, 0]) == [0.75, -0.25, -0.25, -0.25])
    }

    @Test func `the paper's form divides by what it is told to divide by`() {
        let rewards = [1.0, 0, 0, 0]
        let byDeviation = NormalisedAdvantage().advantages(of: rewards)
        #expect(isNear(byDeviation[0], 3.0.squareRoot(), within: 1e-15))
        #expect(
            NormalisedAdvantage(normaliser: .one).advantages(of: rewards) == DrGRPOAdvantage().advantages(of: rewards))
        let bySample = NormalisedAdvantage(normaliser: .sampleStandardDeviation).advantages(of: rewards)
        #expect(bySample == GRPOAdvantage(epsilon: 0).advantages(of: rewards))
    }

    @Test(arguments: AdvantageEstimators.all.map { type(of: $0).name })
    func `a group without differences teaches nothing`(_ name: String) throws {
        let estimator = try #require(AdvantageEstimators.named(name))
        for reward in [0, 0.1, 1, -3.7] {
            #expect(estimator.advantages(of: Array(repeating: reward, count: 7)).allSatisfy { $0 == 0 }, "\(reward)")
        }
        #expect(estimator.advantages(of: []).isEmpty)
    }

    @Test func `a group of one has the mean 0 and the deviation 1`() {
        #expect(GRPOAdvantage(epsilon: 0).advantages(of: [0.5]) == [0.5])
    }

    @Test(arguments: 0..<100) func `advantages keep the order, add up to nothing, and forget where rewards begin`(
        seed: Int
    ) throws {
        var random = SplitMix(seed: UInt64(seed))
        let rewards = Samples.numbers(Int.random(in: 2...16, using: &random), in: -2...3, &random)
        for estimator in AdvantageEstimators.all {
            let name = type(of: estimator).name
            let advantages = estimator.advantages(of: rewards)
            #expect(abs(advantages.reduce(0, +)) < 1e-9, "\(name)")
            for (first, second) in zip(rewards.indices, rewards.indices.dropFirst()) {
                #expect((rewards[first] < rewards[second]) == (advantages[first] < advantages[second]), "\(name)")
            }
            let moved = estimator.advantages(of: rewards.map { $0 + 5 })
            #expect(zip(advantages, moved).allSatisfy { isNear($0, $1, within: 1e-6) }, "\(name)")
        }
    }

    @Test func `what does not count in the baseline has no advantage, and the others are as without it`() {
        for estimator in AdvantageEstimators.all {
            let alone = estimator.advantages(of: [1, 0, 0.5])
            let beside = estimator.advantages(of: [1, 9, 0, 0.5], countsInBaseline: [true, false, true, true])
            #expect(beside == [alone[0], 0, alone[1], alone[2]], "\(type(of: estimator).name)")
            #expect(estimator.advantages(of: [1, 0], countsInBaseline: [false, false]) == [0, 0])
        }
    }

    @Test func `backward noise correction does nothing where groups are normalised`() {
        // (r - rho0) / (1 - rho0 - rho1) is affine, and mean and deviation forget affine maps.
        let rewards = [1.0, 0, 0, 1, 1]
        let corrected = rewards.map { ($0 - 0.1) / (1 - 0.1 - 0.2) }
        let plain = GRPOAdvantage(epsilon: 0)
        #expect(
            zip(plain.advantages(of: rewards), plain.advantages(of: corrected)).allSatisfy {
                isNear($0, $1, within: 1e-12)
            })
        let mean = DrGRPOAdvantage()
        #expect(
            !zip(mean.advantages(of: rewards), mean.advantages(of: corrected)).allSatisfy {
                isNear($0, $1, within: 0.01)
            })
    }

    @Test func `every estimator is found by its name`() {
        #expect(AdvantageEstimators.all.map { type(of: $0).name } == ["grpo", "f_norm", "dr_grpo"])
        #expect(AdvantageEstimators.named("nothing") == nil)
    }
}
