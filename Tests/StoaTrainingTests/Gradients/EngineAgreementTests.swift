import StoaCore
import StoaModel
import StoaTestKit
import Testing

@testable import StoaTraining

/// The trainer's base model and the engine's are one model: the same weights, whatever they are stored as.
@Suite struct EngineAgreementTests {
    private func sequence(_ count: Int, vocabulary: Int) throws -> TrainingSequence {
        let numbers = RandomStream(seed: 3)
        let tokens = (0..<count).map { TokenID(Int32(3 + numbers.integer(at: UInt64($0), below: vocabulary - 3))) }
        return try TrainingSequence(tokens: tokens, isScored: tokens.indices.map { $0 > 0 })
    }

    private func largestDifference(_ path: String, _ sequence: TrainingSequence) async throws -> Double {
        var options = LocalModel.Options()
        options.precision = .exact
        let engine = try await LocalModel.load(path, options: options)
        let expected = try await engine.score(sequence.tokens).tokens.compactMap { $0?.logProbability }
        let trainer = try await Trainer.load(path, adapter: try AdapterConfiguration(rank: 2))
        let found = try await trainer.logProbabilities(of: [sequence])[0]
        #expect(found.count == expected.count)
        return zip(found, expected).map { abs($0 - Double($1)) }.max() ?? .infinity
    }

    @Test(arguments: ["llama", "llama-q4_1", "qwen2-mixed", "qwen3", "gemma3", "gemma3-q5_0"])
    func `log-probabilities are those of the engine`(_ name: String) async throws {
        let path = goldenPath("models/\(name)/model.gguf")
        #expect(try await largestDifference(path, sequence(60, vocabulary: 96)) < 1e-4)
    }

    @Test(
        .enabled(if: RealModels.areExpected),
        arguments: [
            ("SmolLM2-135M-Instruct.Q4_1.gguf", 49152), ("gemma-3-270m-q4_k_m.gguf", 262_144),
        ])
    func `log-probabilities are those of the engine on real weights`(_ name: String, _ vocabulary: Int) async throws {
        #expect(try await largestDifference(RealModels.path(name), sequence(24, vocabulary: vocabulary)) < 1e-3)
    }
}
