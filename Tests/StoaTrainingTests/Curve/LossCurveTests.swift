import StoaCore
import StoaModel
import StoaTestKit
import Testing

@testable import StoaTraining

/// Training on real weights beside PyTorch and peft: the golden of `curve.py`.
@Suite(.enabled(if: RealModels.areExpected)) struct LossCurveTests {
    private let document: JSONValue
    private let path: String

    init() throws {
        document = try JSONParser.parse(fileBytes(goldenPath("training/smollm2/curve.json")))
        path = try RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf")
    }

    private func numbers(_ value: JSONValue?) throws -> [Double] {
        try #require(value?.arrayValue).compactMap(\.doubleValue)
    }

    /// The batches, one for each step.
    private func steps() throws -> [[TrainingGroup]] {
        try #require(document["steps"]?.arrayValue).map { step in
            try #require(step.arrayValue).map { row in
                let tokens = try #require(row.arrayValue).map { TokenID(Int32(try #require($0.intValue))) }
                return TrainingGroup([
                    try TrainingSequence(tokens: tokens, isScored: tokens.indices.map { $0 > 0 })
                ])
            }
        }
    }

    private func trainer(keptLogits: Int = 8 << 20) async throws -> Trainer {
        func setting(_ name: String) throws -> Double { try #require(document[name]?.doubleValue) }
        var options = TrainerOptions()
        options.keptLogits = keptLogits
        options.optimiser = AdamW(
            learningRate: try setting("learning_rate"), weightDecay: try setting("weight_decay"))
        options.maximumGradientNorm = try setting("maximum_gradient_norm")
        let trainer = try await Trainer.load(
            path, adapter: try AdapterConfiguration(rank: Int(try setting("rank")), alpha: try setting("alpha")),
            options: options)
        try await trainer.start(from: Self.beginning(trainer.adapter))
        return trainer
    }

    /// The adapter that the golden begins with: A[i] = (hash(i) / 2^31 - 1) / sqrt(inputs), B = 0.
    private static func beginning(_ shape: Adapter) -> Adapter {
        let targets = AdapterTarget.allCases
        let modules = shape.modules.map { module in
            let begin = UInt64(module.layer * targets.count + (targets.firstIndex(of: module.target) ?? 0)) << 16
            let root = Double(module.inputs).squareRoot()
            let down = module.down.indices.map { index in
                let hash = ((begin + UInt64(index) + 1) * 2_654_435_761) & 0xFFFF_FFFF
                return Float((Double(hash) / 0x1p31 - 1) / root)
            }
            return Adapter.Module(
                layer: module.layer, target: module.target, inputs: module.inputs, outputs: module.outputs, down: down,
                up: module.up)
        }
        return Adapter(shape.configuration, modules: modules)
    }

    @Test func `log-probabilities are those of torch`() async throws {
        let trainer = try await trainer()
        let sequences = try steps()[0].flatMap(\.sequences)
        let expected = try #require(document["log_probabilities"]?.arrayValue).map { try numbers($0) }
        let found = try await trainer.logProbabilities(of: sequences, usesAdapter: false)
        for (row, golden) in zip(found, expected) {
            #expect(row.count == golden.count)
            let worst = zip(row, golden).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < 1e-4)
        }
        // The adapter changes nothing yet, and each sequence is on its own.
        #expect(try await trainer.logProbabilities(of: sequences) == found)
        for (sequence, row) in zip(sequences, found) {
            #expect(try await trainer.logProbabilities(of: [sequence]) == [row])
        }
    }

    @Test func `twenty steps have the losses and the gradients of peft`() async throws {
        let trainer = try await trainer()
        let steps = try steps()
        let (losses, norms) = (try numbers(document["losses"]), try numbers(document["gradient_norms"]))
        var worst = 0.0
        for (index, batch) in steps.enumerated() {
            let report = try await trainer.step(batch, objective: LikelihoodObjective.tokenMean(batch))
            worst = max(worst, abs(report.loss - losses[index]))
            #expect(abs(report.gradientNorm / norms[index] - 1) < 5e-3, "step \(index)")
        }
        let last = try await trainer.gradients(of: steps[0], objective: LikelihoodObjective.tokenMean(steps[0])).loss
        worst = max(worst, abs(last - losses[steps.count]))
        #expect(worst < 1e-3, "the largest difference is \(worst)")
        #expect(last < losses[0] - 0.5)
    }

    @Test func `keeping logits or computing them again gives the same bits`() async throws {
        let batch = try steps()[1]
        func gradients(_ keptLogits: Int) async throws -> SHA256Digest {
            let objective = LikelihoodObjective.tokenMean(batch)
            return try await trainer(keptLogits: keptLogits).gradients(of: batch, objective: objective).gradients.digest
        }
        // All of them, those of three of 24 tiles, none.
        let all = try await gradients(8 << 20)
        #expect(try await gradients(3 * 126 * 2048) == all)
        #expect(try await gradients(0) == all)
    }
}
