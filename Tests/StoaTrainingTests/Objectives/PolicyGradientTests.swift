import StoaCore
import StoaLearning
import StoaTestKit
import Testing

@testable import StoaTraining

/// Updates of the GRPO family through the trainer's seam, which sees one rollout at a time.
@Suite struct PolicyGradientTests {
    private func groups(_ counts: [Int]) throws -> [TrainingGroup] {
        try counts.map { count in
            TrainingGroup([
                try TrainingSequence(prompt: [1, 2], completion: (0..<count).map { TokenID(Int32($0 + 3)) })
            ])
        }
    }

    private func rows(_ counts: [Int], seed: UInt64, reference: Bool) throws -> [PolicyRow] {
        let stream = RandomStream(seed: seed)
        return try counts.enumerated().map { index, count in
            let numbers = stream.child(index)
            func list(_ name: String, _ scale: Double) -> [Double] {
                (0..<count).map { numbers.child(name).normal(at: UInt64($0)) * scale - 1 }
            }
            return try PolicyRow(
                logProbabilities: list("policy", 0.3), behaviour: list("behaviour", 0.3),
                advantages: Array(repeating: numbers.normal(at: 0), count: count),
                mask: (0..<count).map { numbers.child("mask").uniform(at: UInt64($0)) < 0.7 },
                reference: reference ? list("reference", 0.3) : nil)
        }
    }

    @Test(arguments: 0..<30) func `rollout by rollout the update is that of the whole`(seed: UInt64) throws {
        let counts = [3, 7, 1, 5]
        let aggregations: [PolicyObjective.Aggregation] = [.tokenMean, .sequenceMean, .fixedLength(8)]
        let loss = PolicyObjective(
            aggregation: aggregations[Int(seed % 3)], klCoefficient: seed.isMultiple(of: 2) ? 0.1 : 0)
        let rows = try rows(counts, seed: seed, reference: true)
        let whole = try loss.value(of: rows)
        let objective = try PolicyGradientObjective(loss, rows: rows, of: groups(counts))
        let parts = rows.enumerated().map { objective.value(of: [$1.logProbabilities], group: $0) }
        #expect(parts.map { $0.derivatives[0] } == whole.derivatives)
        #expect(abs(parts.reduce(0) { $0 + $1.loss } - whole.loss) < 1e-12)
        let clipped = parts.reduce(0) { $0 + ($1.figures["clipped_fraction"] ?? 0) }
        #expect(abs(clipped - whole.clippedFraction) < 1e-12)
    }

    @Test func `rows that do not fit are refused`() throws {
        let rows = try rows([3, 4], seed: 1, reference: false)
        #expect(throws: LearningError.self) {
            try PolicyGradientObjective(PolicyObjective(), rows: rows, of: groups([3, 5]))
        }
        #expect(throws: LearningError.self) {
            try PolicyGradientObjective(PolicyObjective(), rows: rows, of: groups([3]))
        }
        #expect(throws: LearningError.self) {
            try PolicyGradientObjective(PolicyObjective(klCoefficient: 0.1), rows: rows, of: groups([3, 4]))
        }
    }
}
