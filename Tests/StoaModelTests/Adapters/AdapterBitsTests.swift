import StoaCore
import StoaTensor
import StoaTestKit
import Testing

@testable import StoaModel

/// The bits of an adapted sequence do not depend on what else the engine does, and no other sequence notices.
@Suite struct AdapterBitsTests {
    static let models = ["llama", "qwen2", "qwen3", "gemma3", "llama-q4_1", "gemma3-q5_0"].map {
        TinyModel(name: $0, usesGGUF: true)
    }
    static let cases = models.flatMap { tiny in Precision.allCases.map { (tiny, $0) } }

    private static let continuation = sampleTokens(4, seed: 99, vocabulary: 96)

    private static func prompt(_ index: Int) -> [TokenID] {
        sampleTokens(5 + 9 * index, seed: index, vocabulary: 96)
    }

    /// Alone, on one thread, in one piece, without a prefix cache.
    private static func alone(
        _ scene: AdapterScene, _ precision: Precision, _ index: Int, _ adapter: AdapterReference?
    ) async throws -> [[UInt32]] {
        let model = try await scene.load(precision) {
            $0.threads = 1
            $0.prefixMemory = 0
        }
        return try await trace(model, prompt: prompt(index), continuation: continuation, adapter: adapter)
    }

    @Test(arguments: cases)
    func `sequences of different adapters and of none share passes and change no bit of each other`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let scene = try AdapterScene(tiny)
        let adapters = [
            nil, try scene.stored(seed: 1), try scene.stored(seed: 2, rank: 17, targets: [.down, .query]),
        ]
        let expected = try await scene.load(precision) { $0.prefixMemory = 0 }
        let base = try await trace(expected, prompt: Self.prompt(0), continuation: Self.continuation, adapter: nil)
        #expect(
            base
                == bits(
                    try await trace(tiny.load(precision), prompt: Self.prompt(0), continuation: Self.continuation)))
        for count in [1, 2, 8] {
            let model = try await scene.load(precision)
            let found = try await withThrowingTaskGroup(of: (Int, [[UInt32]]).self) { group in
                for index in 0..<count {
                    group.addTask {
                        let adapter = adapters[(index + 1) % 3]
                        return (
                            index,
                            try await trace(
                                model, prompt: Self.prompt(index), continuation: Self.continuation, adapter: adapter)
                        )
                    }
                }
                return try await group.reduce(into: [Int: [[UInt32]]]()) { $0[$1.0] = $1.1 }
            }
            for index in 0..<count {
                let alone = try await Self.alone(scene, precision, index, adapters[(index + 1) % 3])
                #expect(found[index] == alone, "sequence \(index) of \(count)")
            }
            if count == 8 {
                let occupancy = await model.occupancy
                #expect(Double(occupancy.rows) / Double(occupancy.passes) > 1.5)
            }
        }
        let adapted = try await Self.alone(scene, precision, 0, adapters[1])
        #expect(adapted != base)
    }

    @Test(arguments: cases)
    func `chunk size and threads change no bit`(_ tiny: TinyModel, _ precision: Precision) async throws {
        let scene = try AdapterScene(tiny)
        let adapter = try scene.stored(seed: 3, rank: 16)
        let expected = try await Self.alone(scene, precision, 4, adapter)
        for (rows, threads) in [(1, 1), (3, 2), (16, 2), (33, 3)] {
            let model = try await scene.load(precision) {
                $0.threads = threads
                $0.passRows = rows
            }
            let found = try await trace(
                model, prompt: Self.prompt(4), continuation: Self.continuation, adapter: adapter)
            #expect(found == expected, "passes of \(rows) rows on \(threads) threads")
        }
    }

    @Test(arguments: cases)
    func `prefixes are shared inside an adapter and never between two`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let scene = try AdapterScene(tiny)
        let adapters = [nil, try scene.stored(seed: 4), try scene.stored(seed: 5)]
        let prompt = sampleTokens(100, seed: 7, vocabulary: 96)
        let without = try await scene.load(precision) { $0.prefixMemory = 0 }
        let model = try await scene.load(precision)
        var shared = 0
        for round in 0..<2 {
            for adapter in adapters {
                let start = try await without.prefill(Array(prompt.dropLast()).inputs, adapter: adapter)
                let expected = try await trace(
                    without, prompt: [prompt[99]], continuation: Self.continuation, adapter: adapter, from: start)
                let cache = try await model.prefill(Array(prompt.dropLast()).inputs, adapter: adapter)
                #expect(cache.contentHash == start.contentHash)
                #expect(cache.fingerprint.adapter == adapter?.description)
                let found = try await trace(
                    model, prompt: [prompt[99]], continuation: Self.continuation, adapter: adapter, from: cache)
                #expect(found == expected)
                if round == 1 { shared += 96 }
                #expect(await model.sharedRows == shared)
            }
        }
    }

    @Test(arguments: cases)
    func `two sequences that begin with the same tokens wait for each other only inside an adapter`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let scene = try AdapterScene(tiny)
        let adapters = [nil, try scene.stored(seed: 6), nil, try scene.stored(seed: 6)]
        let prompt = sampleTokens(90, seed: 8, vocabulary: 96)
        let model = try await scene.load(precision)
        let hashes = try await withThrowingTaskGroup(of: (Int, SHA256Digest).self) { group in
            for (index, adapter) in adapters.enumerated() {
                group.addTask { (index, try await model.prefill(prompt.inputs, adapter: adapter).contentHash) }
            }
            return try await group.reduce(into: [Int: SHA256Digest]()) { $0[$1.0] = $1.1 }
        }
        let without = try await scene.load(precision) { $0.prefixMemory = 0 }
        for (index, adapter) in adapters.enumerated() {
            #expect(hashes[index] == (try await without.prefill(prompt.inputs, adapter: adapter).contentHash))
        }
        #expect(await model.adapterLoads == 1)
    }

    @Test(arguments: cases)
    func `an adapter that changes nothing says what the model says`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let scene = try AdapterScene(tiny)
        let neutral = try scene.library.store(
            Adapter(AdapterConfiguration(rank: 8), for: scene.configuration, seed: 1), baseModel: tiny.name)
        let model = try await scene.load(precision)
        var request = GenerationRequest()
        request.maximumTokens = 30
        request.sampling.logProbabilities = 3
        let prompt = sampleTokens(12, seed: 2, vocabulary: 96).inputs
        let expected = try await model.generate(prompt, request: request)
        request.adapter = neutral
        let found = try await model.generate(prompt, request: request)
        #expect(found.tokens == expected.tokens)
        #expect(found.logProbabilities == expected.logProbabilities)
        #expect(found.usage.cachedTokens == 0)
    }

    @Test func `guesses are verified with the adapter that they are for`() async throws {
        let scene = try AdapterScene(TinyModel(name: "llama", usesGGUF: true))
        let adapter = try scene.stored(seed: 9, size: 0.3)
        var request = GenerationRequest()
        request.maximumTokens = 120
        request.sampling.temperature = 0
        request.adapter = adapter
        // A text that repeats itself.
        let prompt = Array(repeating: sampleTokens(6, seed: 3, vocabulary: 96), count: 4).flatMap(\.self).inputs
        let with = try await scene.load(.fast).generate(prompt, request: request)
        let without = try await scene.load(.fast) { $0.drafts = false }.generate(prompt, request: request)
        #expect(with.tokens == without.tokens)
        #expect(with.cache.contentHash == without.cache.contentHash)
    }
}
