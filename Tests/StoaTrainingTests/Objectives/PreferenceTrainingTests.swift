import StoaCore
import StoaLearning
import StoaModel
import StoaTestKit
import Testing

@testable import StoaTraining

/// Whether preferences are learnt: answers from ten tokens that stand for digits are preferred to others.
@Suite struct PreferenceTrainingTests {
    private func pairs(_ count: Int, seed: UInt64) throws -> [TrainingGroup] {
        let stream = RandomStream(seed: seed)
        return try (0..<count).map { index in
            let numbers = stream.child(index)
            let prompt = (0..<6).map { TokenID(Int32(20 + numbers.integer(at: UInt64($0), below: 70))) }
            let digit = TokenID(Int32(5 + numbers.integer(at: 10, below: 10)))
            let other = TokenID(Int32(20 + numbers.integer(at: 11, below: 70)))
            return TrainingGroup([
                try TrainingSequence(prompt: prompt, completion: [digit, 2]),
                try TrainingSequence(prompt: prompt, completion: [other, 2]),
            ])
        }
    }

    @Test func `sixty-four pairs teach the preference to held-out pairs too`() async throws {
        let trainer = try await TinyBase(name: "qwen3").trainer(try AdapterConfiguration(rank: 8, alpha: 16)) {
            $0.optimiser.learningRate = 0.01
            $0.seed = 1
        }
        let train = try pairs(64, seed: 1)
        let heldOut = try pairs(64, seed: 2)
        func sums(_ groups: [TrainingGroup], usesAdapter: Bool) async throws -> [PreferenceObjective.Reference] {
            let values = try await trainer.logProbabilities(of: groups.flatMap(\.sequences), usesAdapter: usesAdapter)
            return stride(from: 0, to: values.count, by: 2).map {
                .init(chosen: values[$0].reduce(0, +), rejected: values[$0 + 1].reduce(0, +))
            }
        }
        let objective = PreferenceObjective(
            PreferenceLoss(beta: 0.5), references: try await sums(train, usesAdapter: false))
        var last = Double.infinity
        for _ in 0..<40 { last = try await trainer.step(train, objective: objective).loss }
        #expect(last < 0.3)
        func share(_ groups: [TrainingGroup]) async throws -> Double {
            let before = try await sums(groups, usesAdapter: false)
            let after = try await sums(groups, usesAdapter: true)
            let positive = zip(before, after).count {
                ($1.chosen - $1.rejected) - ($0.chosen - $0.rejected) > 0
            }
            return Double(positive) / Double(groups.count)
        }
        #expect(try await share(train) >= 0.95)
        #expect(try await share(heldOut) > 0.8)
    }
}
