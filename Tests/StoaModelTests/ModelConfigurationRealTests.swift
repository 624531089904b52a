import StoaModel
import StoaTensor
import StoaTestKit
import Testing

@Suite(.enabled(if: RealModels.areExpected, "there are no real weights here"))
struct `Configurations of real models` {
    private func weights(_ name: String) throws -> ModelWeights {
        try ModelWeights(path: try RealModels.path(name))
    }

    @Test
    func `SmolLM2 is a llama with interleaved keys and a tied head`() throws {
        let weights = try weights("SmolLM2-135M-Instruct.Q4_1.gguf")
        var expected = ModelConfiguration(
            architecture: "llama", layers: 30, width: 576, heads: 9, keyValueHeads: 3, headWidth: 64,
            feedForwardWidth: 1536, vocabularySize: 49152, contextLength: 8192)
        expected.rope.base = 100_000
        expected.tiedHead = true
        expected.keysInterleaved = true
        #expect(weights.configuration == expected)
        #expect(weights.roles.count == 272)
        for role in weights.roles { _ = try weights.tensor(role) }
    }

    @Test
    func `Gemma has five local layers for each global one`() throws {
        let weights = try weights("gemma-3-270m-q4_k_m.gguf")
        let configuration = weights.configuration
        #expect(configuration.headWidth == 256)
        #expect(configuration.slidingWindow?.size == 512)
        #expect((0..<18).filter { !configuration.isLocal(layer: $0) } == [5, 11, 17])
        #expect(configuration.rope == Rope(dimensions: 256, base: 1_000_000, localBase: 10000))
        #expect(configuration.attentionScale == 0.0625)
        #expect(configuration.embeddingScale == Float(640).squareRoot())
        #expect(configuration.queryKeyNorm && configuration.postNorms && configuration.tiedHead)
        #expect(!configuration.keysInterleaved)
        #expect(weights.roles.count == 236)
        for role in weights.roles { _ = try weights.tensor(role) }
    }
}
