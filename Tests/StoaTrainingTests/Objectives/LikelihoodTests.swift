import StoaCore
import StoaLearning
import StoaModel
import StoaTestKit
import Testing

@testable import StoaTraining

@Suite struct LikelihoodTests {
    private func gradients(
        _ groups: [TrainingGroup], _ weights: [Double], norm: LikelihoodLoss.Norm = .weights
    ) async throws -> Adapter {
        let objective = LikelihoodObjective(LikelihoodLoss(norm: norm), of: groups, weights: weights)
        let golden = try TrainingGolden("qwen3")
        let trainer = try await TinyBase(name: "qwen3").trainer(golden.adapter.configuration)
        try await trainer.start(from: golden.adapter)
        return try await trainer.gradients(of: groups, objective: objective).gradients
    }

    private func groups() throws -> [TrainingGroup] {
        try TrainingGolden("qwen3").sequences.map { TrainingGroup([$0]) }
    }

    private func numbers(_ adapter: Adapter) -> [Float] { adapter.modules.flatMap { $0.down + $0.up } }

    @Test func `a weighted gradient is the weighted sum of gradients`() async throws {
        let groups = Array(try groups()[..<2])
        let weights = [0.8, 0.3]
        let both = numbers(try await gradients(groups, weights))
        let first = numbers(try await gradients([groups[0]], [1]))
        let second = numbers(try await gradients([groups[1]], [1]))
        let sum = zip(first, second).map { Float((0.8 * Double($0) + 0.3 * Double($1)) / 1.1) }
        #expect(relativeError(both, sum) < 1e-5)
        let byCount = numbers(try await gradients(groups, weights, norm: .count))
        #expect(relativeError(byCount, both.map { $0 * 1.1 / 2 }) < 1e-5)
    }

    @Test func `a weight of zero is an absent example, and equal weights are plain training`() async throws {
        let groups = try groups()
        let absent = numbers(try await gradients(groups, [1, 0, 2]))
        let without = numbers(try await gradients([groups[0], groups[2]], [1, 2]))
        #expect(relativeError(absent, without) < 1e-6)
        let equal = numbers(try await gradients(groups, [0.7, 0.7, 0.7]))
        let plain = numbers(try await gradients(groups, [1, 1, 1]))
        #expect(relativeError(equal, plain) < 1e-5)
    }

    @Test func `a weight of zero hides a log-probability that is not a number`() throws {
        let value = LikelihoodObjective(of: Array(try groups()[..<2]), weights: [0, 1])
            .value(of: [[.nan, -.infinity]], group: 0)
        #expect(value.loss == 0 && value.derivatives == [[0, 0]])
    }

    @Test func `the token mean counts scored tokens`() throws {
        let groups = try groups()
        let objective = LikelihoodObjective.tokenMean(groups)
        let counts = groups.map { $0.sequences[0].scoredCount }
        let losses = counts.enumerated().map { objective.value(of: [(0..<$1).map { _ in -2.5 }], group: $0).loss }
        #expect(abs(losses.reduce(0, +) - 2.5) < 1e-12)
    }
}
