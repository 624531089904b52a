import Foundation
import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// Latents while memory is short, in the ways that latents are made besides thinking.
@Suite struct LatentMemoryEdgeTests {
    private static func engine(
        quota: Int?, below folder: TemporaryFolder?, kvMemory: Int? = nil, prefixMemory: Int = 0,
        weights: String = "llama"
    ) async throws -> EngineModel {
        let chat = try TinyChat(weights: weights)
        let loaded = try await chat.engine {
            if let kvMemory { $0.kvMemory = kvMemory }
            $0.prefixMemory = prefixMemory
        }
        let model = EngineModel(
            loaded.model, name: "tiny", time: ManualTimeSource(), latentMemory: quota, spillFolder: folder?.path)
        try await model.prepare()
        withExtendedLifetime(chat) {}
        return model
    }

    private static func question(_ index: Int) -> ModelRequest {
        .ask("thought \(index / 10)\(index % 10) " + String(repeating: "abcdefg\(index) ", count: 12))
    }

    @Test(arguments: [false, true])
    func `rows shared with the prefix cache are not taken for free memory`(isShared: Bool) async throws {
        let folder = try TemporaryFolder()
        let size = try await Self.engine(quota: nil, below: nil).think(Self.question(0), steps: 4).latent.byteCount
        let memory = 5 * size
        let model = try await Self.engine(
            quota: memory, below: folder, kvMemory: memory, prefixMemory: isShared ? memory : 0)
        for index in 0..<20 { _ = try await model.think(Self.question(index), steps: 4) }
        #expect(await model.latentFigures.count == 20)
    }

    @Test func `a latent that is brought back from bytes makes room for itself`() async throws {
        let folder = try TemporaryFolder()
        let plain = try await Self.engine(quota: nil, below: nil)
        var all: [[UInt8]] = []
        for index in 0..<12 {
            all.append(try await plain.bytes(of: plain.think(Self.question(index), steps: 4).latent))
        }
        let size = all[0].count
        let memory = 5 * size
        let model = try await Self.engine(quota: memory, below: folder, kvMemory: memory)
        for bytes in all { _ = try await model.restore(bytes) }
        #expect(await model.latentFigures.count == 12)
    }

    @Test func `a translated latent makes room for itself`() async throws {
        let folder = try TemporaryFolder()
        let source = try await Self.engine(quota: nil, below: nil)
        let plain = try await Self.engine(quota: nil, below: nil, weights: "qwen2")
        let first = try await source.think(Self.question(0), steps: 60).latent
        let size = try await plain.translate(first, from: source).byteCount
        let memory = 4 * size
        let model = try await Self.engine(
            quota: memory, below: folder, kvMemory: memory, weights: "qwen2")
        for index in 0..<12 {
            let latent = try await source.think(Self.question(index), steps: 60).latent
            _ = try await model.translate(latent, from: source)
        }
        #expect(await model.latentFigures.count == 12)
    }

    @Test func `thinking with latents in mind leaves no more in memory than the quota`() async throws {
        let folder = try TemporaryFolder()
        let plain = try await Self.engine(quota: nil, below: nil)
        let size = try await plain.think(.ask("base"), steps: 4).latent.byteCount
        let model = try await Self.engine(quota: size * 3, below: folder)
        var last = try await model.think(.ask("base"), steps: 4).latent
        for index in 0..<6 {
            last = try await model.think(.ask("more \(index)", context: [last]), steps: 4).latent
            #expect(await model.latentFigures.residentBytes <= size * 3, "after thought \(index)")
        }
    }

    @Test func `a failed reading leaves no more in memory than the quota`() async throws {
        let folder = try TemporaryFolder()
        let plain = try await Self.engine(quota: nil, below: nil)
        let size = try await plain.think(.ask("base"), steps: 4).latent.byteCount
        let model = try await Self.engine(quota: size * 2, below: folder)
        var latents: [LatentHandle] = []
        for index in 0..<6 { latents.append(try await model.think(.ask("one \(index)"), steps: 4).latent) }
        await #expect(throws: ModelError.self) {
            try await model.think(.ask("more", context: latents), steps: 100_000)
        }
        #expect(await model.latentFigures.residentBytes <= size * 2)
    }
}
