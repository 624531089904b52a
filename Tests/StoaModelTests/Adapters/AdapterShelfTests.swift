import Foundation
import StoaCore
import StoaTensor
import StoaTestKit
import Testing

@testable import StoaModel

/// Adapters in memory, and what becomes of requests that name one.
@Suite struct AdapterShelfTests {
    private static let tiny = TinyModel(name: "llama", usesGGUF: true)
    private static let tokens = sampleTokens(20, seed: 1, vocabulary: 96)

    @Test func `an adapter is read once, however many ask for it`() async throws {
        let scene = try AdapterScene(Self.tiny)
        let adapter = try scene.stored(seed: 1)
        let model = try await scene.load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await model.score(Self.tokens, adapter: adapter) } }
            try await group.waitForAll()
        }
        #expect(await model.adapterLoads == 1)
        // What is in memory stays, whatever has become of the files.
        try FileManager.default.removeItem(atPath: scene.library.folder(of: adapter))
        _ = try await model.score(Self.tokens, adapter: adapter)
    }

    @Test func `those that were used least recently go, and come back with the same bits`() async throws {
        let scene = try AdapterScene(Self.tiny)
        let adapters = try (1...3).map { try scene.stored(seed: $0) }
        let bytes = try PackedAdapter(
            scene.adapter(seed: 1), reference: adapters[0], for: scene.configuration
        ).bytes
        let model = try await scene.load { $0.adapterMemory = 2 * bytes }
        var scores: [Score] = []
        for adapter in adapters { scores.append(try await model.score(Self.tokens, adapter: adapter)) }
        #expect(await model.adapterLoads == 3)
        #expect(try await model.score(Self.tokens, adapter: adapters[1]) == scores[1])
        #expect(await model.adapterLoads == 3)
        #expect(try await model.score(Self.tokens, adapter: adapters[0]) == scores[0])
        #expect(await model.adapterLoads == 4)
        #expect(try await model.score(Self.tokens, adapter: adapters[1]) == scores[1])
        #expect(await model.adapterLoads == 4)
        #expect(Set(scores.map { $0.tokens[1]?.logProbability.bitPattern }).count == 3)
        // One that takes more than there is stays alone.
        let small = try await scene.load { $0.adapterMemory = 0 }
        for adapter in adapters { _ = try await small.score(Self.tokens, adapter: adapter) }
        _ = try await small.score(Self.tokens, adapter: adapters[2])
        #expect(await small.adapterLoads == 3)
    }

    @Test func `a model without a library refuses adapters by name`() async throws {
        let scene = try AdapterScene(Self.tiny)
        let adapter = try scene.stored(seed: 1)
        let model = try await Self.tiny.load()
        let error = await #expect(throws: AdapterError.self) {
            _ = try await model.score(Self.tokens, adapter: adapter)
        }
        #expect(error?.code == .adapterMissing)
        #expect(error?.message.contains(adapter.description.prefix(16)) == true)
        #expect(error?.message.contains(Self.tiny.path) == true)
    }

    @Test func `an adapter of another shape is refused with both names`() async throws {
        let scene = try AdapterScene(TinyModel(name: "qwen2", usesGGUF: true))
        let adapter = try scene.stored(seed: 1)
        var options = LocalModel.Options()
        options.precision = .exact
        let model = try await LocalModel.load(Self.tiny.path, options: options, adapters: scene.library)
        let error = await #expect(throws: AdapterError.self) {
            _ = try await model.score(Self.tokens, adapter: adapter)
        }
        #expect(error?.code == .adapterMismatch)
        #expect(error?.message.contains(adapter.description.prefix(16)) == true)
        #expect(error?.message.contains(Self.tiny.path) == true)
        _ = try await model.score(Self.tokens)
    }

    @Test func `a cache of one adapter cannot be continued with another or with none`() async throws {
        let scene = try AdapterScene(Self.tiny)
        let adapters = [nil, try scene.stored(seed: 1), try scene.stored(seed: 2)]
        let model = try await scene.load()
        var caches: [KVCache] = []
        for adapter in adapters { caches.append(try await model.prefill(Self.tokens.inputs, adapter: adapter)) }
        for (made, cache) in caches.enumerated() {
            for (used, adapter) in adapters.enumerated() where used != made {
                let error = await #expect(throws: ModelError.self) {
                    _ = try await model.prefill(Self.tokens.inputs, from: cache, adapter: adapter)
                }
                #expect(error?.code == .fingerprintMismatch)
                #expect(error?.message.contains("different adapter") == true)
                #expect(throws: ModelError.self) { try cache.appending(caches[used]) }
            }
            let bytes = cache.serialised()
            let restored = try await model.restoreCache(bytes, adapter: adapters[made])
            #expect(restored.contentHash == cache.contentHash)
            await #expect(throws: ModelError.self) {
                _ = try await model.restoreCache(bytes, adapter: adapters[(made + 1) % 3])
            }
        }
    }
}
