import Foundation
import StoaCore
import StoaModel
import Testing

/// The cache as a value: acceptance tests L1 to L3, L5 to L8 and L13 on every architecture, with ==.
@Suite struct CacheAlgebraTests {
    private static let vocabulary = 96

    private static func next(_ model: LocalModel, _ tokens: [TokenID], from cache: KVCache?) async throws -> [[UInt32]]
    {
        let rows = try await model.probe(tokens.inputs, from: cache, outputs: OutputRequest(logits: .all)).rows
        return bits(try rows.map { try #require($0.logits) })
    }

    @Test(arguments: ReproducibilityTests.cases)
    func `handing over a cache loses nothing (L1)`(_ tiny: TinyModel, _ precision: Precision) async throws {
        let model = try await tiny.load(precision)
        let a = sampleTokens(37, seed: 1, vocabulary: Self.vocabulary)
        let b = sampleTokens(21, seed: 2, vocabulary: Self.vocabulary)
        let whole = try await Self.next(model, a + b, from: nil)
        let cache = try await model.prefill(a.inputs)
        #expect(try await Self.next(model, b, from: cache) == Array(whole[37...]))
    }

    @Test(arguments: ReproducibilityTests.cases)
    func `thinking equals feeding the recorded vectors in one pass (L2)`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let model = try await tiny.load(precision)
        let a = sampleTokens(19, seed: 3, vocabulary: Self.vocabulary)
        let b = sampleTokens(11, seed: 4, vocabulary: Self.vocabulary)
        let thought = try await model.think(a.inputs, steps: 8)
        let thoughtNext = try await Self.next(model, b, from: thought.cache)
        let vectors = thought.vectors.map { ModelInput.embedding($0) }
        let whole = try await model.probe(a.inputs + vectors + b.inputs, outputs: OutputRequest(logits: .all))
        #expect(bits(try whole.rows[27...].map { try #require($0.logits) }) == thoughtNext)
        for row in 0..<27 {
            for slot in 0..<model.information.layers {
                #expect(whole.cache.keys(row: row, slot: slot) == thought.cache.keys(row: row, slot: slot))
                #expect(whole.cache.values(row: row, slot: slot) == thought.cache.values(row: row, slot: slot))
            }
        }
        #expect(thought.cache.segments.map(\.origin) == [.prompt, .latent])
    }

    @Test(arguments: ReproducibilityTests.cases)
    func `a stored cache comes back with the same bits in another engine (L3)`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let model = try await tiny.load(precision)
        let other = try await tiny.load(precision)
        let a = sampleTokens(45, seed: 5, vocabulary: Self.vocabulary)
        let b = sampleTokens(5, seed: 6, vocabulary: Self.vocabulary)
        let cache = try await model.think(a.inputs, steps: 3, author: "planner").cache
        let restored = try await other.restoreCache(cache.serialised())
        #expect(restored.contentHash == cache.contentHash)
        #expect(restored.serialised() == cache.serialised())
        #expect(restored.segments == cache.segments)
        #expect(try await Self.next(other, b, from: restored) == Self.next(model, b, from: cache))
    }

    @Test(arguments: TinyModel.all)
    func `latent vectors have the norm of the effective embeddings (L5)`(_ tiny: TinyModel) async throws {
        let model = try await tiny.load(.fast)
        let target = await model.meanEmbeddingNorm
        let thought = try await model.think(sampleTokens(9, seed: 8, vocabulary: Self.vocabulary).inputs, steps: 5)
        for vector in thought.vectors {
            let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(norm / Double(target) - 1) < 1e-6)
        }
    }

    @Test(arguments: TinyModel.floats)
    func `a moved cache sees and is seen as if it had been computed there (L6)`(_ tiny: TinyModel) async throws {
        let model = try await tiny.load()
        let a = sampleTokens(30, seed: 9, vocabulary: Self.vocabulary)
        let b = sampleTokens(9, seed: 10, vocabulary: Self.vocabulary)
        let here = try await model.prefill(a.inputs)
        let there = try await model.prefill(a.inputs, from: try await model.makeCache().moved(to: 57))
        let moved = try here.moved(to: 57)
        #expect(moved.nextPosition == 87)
        #expect(moved.positions == there.positions)
        for row in 0..<30 {
            #expect(largestDifference([moved.keys(row: row, slot: 0)], [there.keys(row: row, slot: 0)]) == 0)
            #expect(largestDifference([moved.keys(row: row, slot: 1)], [there.keys(row: row, slot: 1)]) < 1e-5)
        }
        let outputs = OutputRequest(logits: .all)
        let fromMoved = try await model.probe(b.inputs, from: moved, outputs: outputs).rows.map { $0.logits ?? [] }
        let fromThere = try await model.probe(b.inputs, from: there, outputs: outputs).rows.map { $0.logits ?? [] }
        #expect(largestDifference(fromMoved, fromThere) < 1e-4)
    }

    @Test(arguments: TinyModel.floats, [SelectionPositions.keep, .compact])
    func `merged experts equal a pass with a block mask (L7)`(
        _ tiny: TinyModel, _ policy: SelectionPositions
    ) async throws {
        let model = try await tiny.load()
        // With a base, only kept positions leave the experts' distance to it as it was.
        let (base, first, second) = (policy == .keep ? 20 : 0, 13, 9)
        let tokens = sampleTokens(base + first + second, seed: 11, vocabulary: Self.vocabulary)
        let root = base > 0 ? try await model.prefill(Array(tokens[..<base]).inputs) : try await model.makeCache()
        let one = try await model.prefill(Array(tokens[base..<base + first]).inputs, from: root, author: "one")
        let two = try await model.prefill(Array(tokens[(base + first)...]).inputs, from: root, author: "two")
        let merged = try KVCache.merge(base: root, branches: [one, two], positions: policy)
        let expected =
            policy == .compact ? Array(0..<22) : Array(0..<33) + Array(20..<29)
        #expect(merged.positions == expected.map { Int32($0) })
        #expect(merged.segments.map(\.author) == (base > 0 ? ["", "one", "two"] : ["one", "two"]))

        let question = sampleTokens(6, seed: 12, vocabulary: Self.vocabulary)
        let all = tokens + question
        let mask = AttentionMask(
            rows: all.indices.map { row in
                all.indices.map { column in
                    let isOtherExpert = row >= base + first && row < tokens.count && base..<base + first ~= column
                    return column <= row && !isOtherExpert
                }
            })
        let positions = merged.positions + (0..<6).map { merged.nextPosition + $0 }
        let oracle = try await model.probe(
            all.inputs, outputs: OutputRequest(logits: .all), positions: positions, mask: mask
        ).rows
        let found = try await model.probe(question.inputs, from: merged, outputs: OutputRequest(logits: .all)).rows
        #expect(
            largestDifference(found.map { $0.logits ?? [] }, oracle[tokens.count...].map { $0.logits ?? [] }) < 1e-4)
    }

    @Test(arguments: ReproducibilityTests.cases)
    func `an isolated expert has the same bytes whether or not another ran (L7)`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let tokens = sampleTokens(50, seed: 18, vocabulary: Self.vocabulary)
        func expert(afterAnother: Bool) async throws -> SHA256Digest {
            let model = try await tiny.load(precision)
            let root = try await model.prefill(Array(tokens[..<20]).inputs)
            if afterAnother { _ = try await model.think(Array(tokens[20..<35]).inputs, steps: 4, from: root) }
            return try await model.think(Array(tokens[35...]).inputs, steps: 4, from: root).cache.contentHash
        }
        #expect(try await expert(afterAnother: true) == expert(afterAnother: false))
    }

    @Test(arguments: TinyModel.floats)
    func `selection keeps rows, order and the first layer (L8)`(_ tiny: TinyModel) async throws {
        let model = try await tiny.load()
        let thought = try await model.think(sampleTokens(25, seed: 13, vocabulary: 96).inputs, steps: 6)
        let kept = Array(0..<4) + Array(25..<31)
        let cache = try thought.cache.select(kept)
        #expect(cache.count == 10)
        #expect(cache.nextPosition == 10)
        let tokens = sampleTokens(25, seed: 13, vocabulary: 96)
        let inputs = Array(tokens[..<4]).inputs + thought.vectors.map { .embedding($0) }
        let fresh = try await model.prefill(inputs)
        for row in 0..<10 {
            #expect(cache.keys(row: row, slot: 0) == fresh.keys(row: row, slot: 0))
            #expect(cache.values(row: row, slot: 0) == fresh.values(row: row, slot: 0))
        }
        let gaps = try thought.cache.select(kept, positions: .keep)
        #expect(gaps.positions == kept.map { Int32($0) })
        #expect(gaps.nextPosition == 31)
        #expect(throws: ModelError.self) { try thought.cache.select([3, 3]) }
        #expect(throws: ModelError.self) { try thought.cache.select([31]) }
        #expect(throws: ModelError.self) { try thought.cache.truncated(to: 32) }
    }

    @Test func `forks do not see each other's rows`() async throws {
        let model = try await TinyModel.floats[0].load()
        let root = try await model.prefill(sampleTokens(10, seed: 14, vocabulary: 96).inputs)
        let left = sampleTokens(40, seed: 15, vocabulary: 96)
        let right = sampleTokens(40, seed: 16, vocabulary: 96)
        let alone = try await Self.next(model, right, from: root)
        _ = try await Self.next(model, left, from: root)
        #expect(try await Self.next(model, right, from: root) == alone)
        #expect(root.count == 10)
    }

    @Test func `a cache of another model is refused with both names (L13)`() async throws {
        let llama = try await TinyModel(name: "llama", usesGGUF: true).load()
        let fast = try await TinyModel(name: "llama", usesGGUF: true).load(.fast)
        let qwen = try await TinyModel(name: "qwen3", usesGGUF: true).load()
        let cache = try await llama.prefill(sampleTokens(5, seed: 17, vocabulary: 96).inputs)
        for other in [fast, qwen] {
            let error = await #expect(throws: ModelError.self) { try await other.prefill([.token(5)], from: cache) }
            #expect(error?.code == .fingerprintMismatch)
            #expect(error?.message.contains(cache.fingerprint.description) == true)
            #expect(error?.message.contains(other.information.fingerprint.description) == true)
            await #expect(throws: ModelError.self) { try await other.restoreCache(cache.serialised()) }
        }
    }

    @Test(arguments: ["\"5\"", "-1", "2147483648", "1.5", "true"])
    func `a stored cache with a token that is none is refused`(_ token: String) async throws {
        let model = try await TinyModel.floats[0].load()
        let stored = try await model.prefill(sampleTokens(4, seed: 20, vocabulary: 96).inputs).serialised()
        let end = try #require(stored.firstIndex(of: 0))
        let header = String(decoding: stored[..<end], as: UTF8.self)
        let start = try #require(header.range(of: "\"tokens\":["))
        let comma = try #require(header[start.upperBound...].firstIndex(of: ","))
        let damaged = header[..<start.upperBound] + token + header[comma...]
        let error = await #expect(throws: ModelError.self) {
            try await model.restoreCache(Array(damaged.utf8) + stored[end...])
        }
        #expect(error?.code == .cacheFormat)
    }
}
