import StoaCore
import StoaModel
import Testing

/// Layers in any order (E4): each visit has a slot of its own in the cache.
@Suite struct LayerProgramTests {
    private static let outputs = OutputRequest(logits: .all)
    private static let tokens = sampleTokens(40, seed: 1, vocabulary: 96)

    private static func logits(_ model: LocalModel, _ program: [Int]?) async throws -> ([[Float]], KVCache) {
        let cache = try await model.makeCache(layerProgram: program)
        var (rows, grown) = try await model.probe(tokens.inputs, from: cache, outputs: outputs)
        for token in sampleTokens(6, seed: 2, vocabulary: 96) {
            let step = try await model.probe([.token(token)], from: grown, outputs: outputs)
            rows += step.rows
            grown = step.cache
        }
        return (try rows.map { try #require($0.logits) }, grown)
    }

    @Test(arguments: ReproducibilityTests.cases)
    func `the program of every layer once is no program`(_ tiny: TinyModel, _ precision: Precision) async throws {
        let model = try await tiny.load(precision)
        let plain = try await Self.logits(model, nil)
        let identity = try await Self.logits(model, Array(0..<model.information.layers))
        #expect(sameBits(plain.0, identity.0))
        #expect(plain.1.byteCount == identity.1.byteCount)
    }

    @Test(arguments: TinyModel.floats)
    func `skipped and repeated layers have caches of their own shape`(_ tiny: TinyModel) async throws {
        let model = try await tiny.load()
        let layers = model.information.layers
        let plain = try await Self.logits(model, nil)
        for program in [[0], Array(0..<layers) + [layers - 1], [layers - 1, 0], [0, 0, 0]] {
            let other = try await Self.logits(model, program)
            #expect(other.0.allSatisfy { $0.allSatisfy(\.isFinite) })
            #expect(!sameBits(other.0, plain.0))
            #expect(other.1.byteCount * layers == plain.1.byteCount * program.count)
            #expect(other.1.fingerprint.layerProgram == program)
        }
    }

    /// A slot belongs to a visit: the keys of two visits to one layer differ, and each equals what the layer makes of its
    /// input at that visit.
    @Test(arguments: TinyModel.floats)
    func `the residual stream after a prefix of a program is that of the shorter program`(_ tiny: TinyModel)
        async throws
    {
        let model = try await tiny.load()
        let request = OutputRequest(hidden: .all, residuals: [0, 1])
        let long = try await model.probe(
            Self.tokens.inputs, from: try await model.makeCache(layerProgram: [0, 0, 1]), outputs: request)
        let short = try await model.probe(
            Self.tokens.inputs, from: try await model.makeCache(layerProgram: [0, 0]), outputs: request)
        #expect(long.rows.map(\.residuals) == short.rows.map(\.residuals))
        for slot in 0..<2 {
            #expect(
                (0..<40).allSatisfy { long.cache.keys(row: $0, slot: slot) == short.cache.keys(row: $0, slot: slot) })
        }
        #expect(long.cache.keys(row: 3, slot: 0) != long.cache.keys(row: 3, slot: 1))
    }

    @Test func `caches of different programs are refused`() async throws {
        let model = try await TinyModel.floats[1].load()
        let twice = try await model.prefill([.token(5)], from: try await model.makeCache(layerProgram: [0, 0]))
        let plain = try await model.prefill([.token(5)])
        #expect(throws: ModelError.self) { try plain.appending(twice) }
        #expect(throws: ModelError.self) { try KVCache.merge(base: plain, branches: [twice]) }
        let stored = twice.serialised()
        let error = await #expect(throws: ModelError.self) { try await model.restoreCache(stored) }
        #expect(error?.code == .fingerprintMismatch)
        #expect(error?.message.hasSuffix("different layer program") == true)
        let back = try await model.restoreCache(stored, layerProgram: [0, 0])
        #expect(back.contentHash == twice.contentHash)
    }

    @Test(arguments: [[], [2], [-1], [0, 1, 2]]) func `a program of layers that do not exist is refused`(
        _ program: [Int]
    ) async throws {
        let model = try await TinyModel.floats[1].load()
        let error = await #expect(throws: ModelError.self) { try await model.makeCache(layerProgram: program) }
        #expect(error?.message == "layer program \(program): expected layers in 0..<2")
    }

    @Test func `a generation runs its cache's program`() async throws {
        let model = try await TinyModel.floats[1].load(.fast)
        var request = GenerationRequest()
        request.maximumTokens = 8
        request.sampling.temperature = 0
        let cache = try await model.makeCache(layerProgram: [1, 0, 1])
        let generation = try await model.generate([.token(5)], from: cache, request: request)
        #expect(generation.cache.fingerprint.layerProgram == [1, 0, 1])
        #expect(generation.cache.count == 8)
    }
}
