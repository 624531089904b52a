import StoaCore
import StoaLearning
import StoaModel
import StoaTestKit
import Testing

@testable import StoaTraining

@Suite struct PreferenceTests {
    /// Beta; policy chosen, rejected; reference chosen, rejected; then the loss and the slope of chosen that TRL computes.
    static let table: [[Double]] = [
        [0.1, -12, -15, -13, -14, 0.5981388694, -0.0450166003],
        [0.1, -20, -10, -18, -12, 0.9130152524, -0.0598687660],
        [0.1, -5, -5, -5, -5, 0.6931471806, -0.05],
        [0.5, -50, -40, -45, -44, 4.5110477448, -0.4945065287],
        [0.3, -30.5, -28.25, -31, -27.75, 0.5543552445, -0.1276672450],
    ]

    private func value(
        _ row: [Double], kind: PreferenceLoss.Kind = .sigmoid(labelSmoothing: 0), tokens: Int = 1
    ) -> ObjectiveValue {
        let objective = PreferenceObjective(
            PreferenceLoss(beta: row[0], kind: kind), references: [.init(chosen: row[3], rejected: row[4])])
        func spread(_ sum: Double) -> [Double] { (0..<tokens).map { _ in sum / Double(tokens) } }
        return objective.value(of: [spread(row[1]), spread(row[2])], group: 0)
    }

    @Test(arguments: table)
    func `loss and slopes equal TRL's`(_ row: [Double]) {
        let found = value(row)
        #expect(abs(found.loss - row[5]) < 1e-9)
        #expect(abs(found.derivatives[0][0] - row[6]) < 1e-9)
        #expect(found.derivatives[1][0] == -found.derivatives[0][0])
        // Every token of a completion has the slope of the sum.
        #expect(value(row, tokens: 4).derivatives[0].allSatisfy { abs($0 - row[6]) < 1e-9 })
    }

    @Test func `label smoothing and IPO have their own values`() {
        let first = Self.table[0]
        #expect(abs(value(first, kind: .sigmoid(labelSmoothing: 0.1)).loss - 0.6181388694) < 1e-9)
        #expect(abs(value(first, kind: .ipo).loss - 9) < 1e-12)
    }

    @Test(arguments: 0..<40) func `slopes are the differences of the loss`(seed: UInt64) {
        let numbers = RandomStream(seed: seed)
        func number(_ index: UInt64) -> Double { numbers.normal(at: index) * 2 - 3 }
        let kind: PreferenceLoss.Kind = seed.isMultiple(of: 2) ? .sigmoid(labelSmoothing: 0.2) : .ipo
        let objective = PreferenceObjective(
            PreferenceLoss(beta: 0.3, kind: kind, likelihoodWeight: 0.5),
            references: [.init(chosen: number(0), rejected: number(1)), .init(chosen: 0, rejected: 0)],
            weights: [0.8, 0.3])
        let sequences = [[number(2), number(3), number(4)], [number(5), number(6)]]
        let found = objective.value(of: sequences, group: 0)
        for (sequence, row) in sequences.enumerated() {
            for token in row.indices {
                func loss(_ change: Double) -> Double {
                    var moved = sequences
                    moved[sequence][token] += change
                    return objective.value(of: moved, group: 0).loss
                }
                let slope = (loss(1e-5) - loss(-1e-5)) / 2e-5
                #expect(abs(slope - found.derivatives[sequence][token]) < 1e-7)
            }
        }
    }

    @Test(arguments: [1e4, -1e4, 1e300, -1e300]) func `large margins do not overflow`(margin: Double) {
        let found = value([1, margin, 0, 0, 0])
        #expect(found.loss.isFinite && found.derivatives[0][0].isFinite)
        #expect(margin > 0 ? found.loss == 0 : found.loss == -margin)
    }

    @Test func `at the start the loss is log 2, the slope of A zero and that of B not`() async throws {
        let golden = try TrainingGolden("llama")
        let trainer = try await TinyBase(name: "llama").trainer(golden.adapter.configuration)
        let pair = TrainingGroup(Array(golden.sequences[..<2]))
        let sums = try await trainer.logProbabilities(of: pair.sequences, usesAdapter: false).map { $0.reduce(0, +) }
        let objective = PreferenceObjective(references: [.init(chosen: sums[0], rejected: sums[1])])
        let (loss, gradients) = try await trainer.gradients(of: [pair], objective: objective)
        #expect(abs(loss - 0.6931471805599453) < 1e-6)
        #expect(gradients.modules.allSatisfy { $0.down.allSatisfy { $0 == 0 } })
        #expect(gradients.modules.allSatisfy { $0.up.contains { abs($0) > 1e-6 } })
    }
}
