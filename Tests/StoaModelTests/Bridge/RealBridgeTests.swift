import StoaCore
import StoaModel
import StoaTestKit
import StoaText
import Testing

extension RealModelTests {
    /// What the bridge between the two bundled models is worth.
    @Suite struct RealBridgeTests {
        private static func stored(_ name: String) throws -> StoredModel {
            try StoredModel(path: RealModels.path(name))
        }

        private static let smollm2 = "SmolLM2-135M-Instruct.Q4_1.gguf"
        private static let gemma3 = "gemma-3-270m-q4_k_m.gguf"

        @Test func `both vocabularies spell the same words differently`() throws {
            let (source, target) = (try Self.stored(Self.smollm2), try Self.stored(Self.gemma3))
            let (own, other) = (try source.makeTokenizer(), try target.makeTokenizer())
            let shared = try own.sharedTokens(with: other)
            for pair in shared { #expect(own.bytes(of: pair.own) == other.bytes(of: pair.other)) }
            let the = try #require(own.id(of: "\u{120}the"))
            #expect(shared.first { $0.own == the }?.other == other.id(of: "\u{2581}the"))
            for pair in shared { #expect(!own.isControl(pair.own) && !other.isControl(pair.other)) }
            #expect(Set(shared.map(\.own)).count == shared.count && Set(shared.map(\.other)).count == shared.count)
            let back = try other.sharedTokens(with: own)
            #expect(Set(back.map { [$0.other, $0.own] }) == Set(shared.map { [$0.own, $0.other] }))
        }

        @Test(arguments: [(smollm2, gemma3), (gemma3, smollm2)])
        func `words find their way from one model to the other`(_ from: String, _ to: String) throws {
            let (source, target) = (try Self.stored(from), try Self.stored(to))
            let bridge = try VocabularyBridge(from: source, to: target)
            let recovery = try bridge.recovery(from: source, to: target, sample: 200)
            #expect(bridge.sharedTokens > 20_000)
            #expect(0.2...0.98 ~= bridge.residual)
            #expect(recovery.tried == 200)
            #expect(recovery.cosine > 0.3)
        }

        @Test func `the bridge of a tied model to itself is the identity`() throws {
            let model = try Self.stored(Self.smollm2)
            let bridge = try VocabularyBridge(from: model, to: model)
            #expect(bridge.residual < 1e-4)
            for axis in stride(from: 0, to: bridge.inputs, by: 97) {
                let unit = (0..<bridge.inputs).map { $0 == axis ? 1 as Float : 0 }
                #expect(largestDifference([bridge.project(unit)], [unit]) < 1e-4)
            }
            let recovery = try bridge.recovery(from: model, to: model, sample: 100)
            #expect(recovery.cosine == 1)
        }

        @Test func `a thought of one model comes to another's mind behind its first token`() async throws {
            let from = EngineModel(try await RealModel.smollm2.shared(.fast), name: "smollm2")
            let to = EngineModel(try await RealModel.gemma3.shared(.fast), name: "gemma3")
            let thought = try await from.think(.ask("What is 17 + 25?"), steps: 4).latent
            let translated = try await to.translate(thought, from: from)
            #expect(
                translated.segments == [
                    LatentHandle.Segment(author: "tester", origin: "prompt", rows: 1),
                    LatentHandle.Segment(author: "tester", origin: "latent", rows: 4),
                ])
            let bytes = try await to.bytes(of: translated)
            #expect(try await to.model.restoreCache(bytes).tokens == [TokenID(2), nil, nil, nil, nil])
            let (with, without) = (
                try await to.complete(.ask("Say it.", context: [translated], tokens: 8)),
                try await to.complete(.ask("Say it.", tokens: 8))
            )
            #expect(with.logProbabilities != without.logProbabilities)
            await from.release(thought)
            await to.release(translated)
        }
    }
}
