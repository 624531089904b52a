import StoaCore
import StoaModel
import StoaTestKit
import Testing

@testable import StoaTraining

/// Log-probabilities and gradients of every architecture against torch.
@Suite struct ReferenceGradientTests {
    @Test(arguments: TinyBase.all)
    func `log-probabilities equal torch's, with the adapter and without`(_ base: TinyBase) async throws {
        let golden = try TrainingGolden(base.name)
        let trainer = try await base.trainer(golden.adapter.configuration)
        try await trainer.start(from: golden.adapter)
        let found = try await trainer.logProbabilities(of: golden.sequences).flatMap { $0 }
        let reference = try await trainer.logProbabilities(of: golden.sequences, usesAdapter: false).flatMap { $0 }
        #expect(found.count == golden.logProbabilities.count)
        #expect(zip(found, golden.logProbabilities).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(zip(reference, golden.referenceLogProbabilities).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(zip(found, reference).contains { abs($0 - $1) > 0.01 })
    }

    @Test(arguments: TinyBase.all, ActivationPolicy.allCases)
    func `the gradient of every matrix equals torch's`(_ base: TinyBase, _ policy: ActivationPolicy) async throws {
        let golden = try TrainingGolden(base.name)
        let trainer = try await base.trainer(golden.adapter.configuration) { $0.activations = policy }
        try await trainer.start(from: golden.adapter)
        let (loss, gradients) = try await trainer.gradients(
            of: golden.groups, objective: FixedDerivatives(derivatives: golden.derivatives))
        #expect(abs(loss - golden.loss) < 1e-4 * max(1, abs(golden.loss)))
        for (found, expected) in zip(gradients.modules, golden.gradients.modules) {
            #expect(relativeError(found.down, expected.down) < 1e-4, "A of layer \(found.layer) \(found.target)")
            #expect(relativeError(found.up, expected.up) < 1e-4, "B of layer \(found.layer) \(found.target)")
        }
    }

    @Test(arguments: ["llama", "qwen2", "gemma3"])
    func `bf16 products stay near`(_ name: String) async throws {
        let golden = try TrainingGolden(name)
        let trainer = try await TinyBase(name: name).trainer(golden.adapter.configuration) { $0.precision = .bfloat16 }
        try await trainer.start(from: golden.adapter)
        let (loss, gradients) = try await trainer.gradients(
            of: golden.groups, objective: FixedDerivatives(derivatives: golden.derivatives))
        #expect(abs(loss - golden.loss) < 0.05 * max(1, abs(golden.loss)))
        for (found, expected) in zip(gradients.modules, golden.gradients.modules) {
            #expect(relativeError(found.down, expected.down) < 0.1, "A of layer \(found.layer) \(found.target)")
            #expect(relativeError(found.up, expected.up) < 0.1, "B of layer \(found.layer) \(found.target)")
        }
    }
}
