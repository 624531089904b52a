import StoaCore
import StoaModel
import Testing

/// Only rows that any sequence of the same tokens would have are shared: everything else stays with its owner.
@Suite struct PrefixSharingTests {
    private static let tiny = TinyModel.floats[1]
    private static let tokens = sampleTokens(100, seed: 1, vocabulary: 96)
    private static let outputs = OutputRequest(logits: .last)

    /// What follows the tokens in a model that has done something with them before, and in a fresh one.
    private static func check(
        _ before: (LocalModel) async throws -> Void, sharing expected: Int = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let used = try await tiny.load(.fast)
        try await before(used)
        let already = await used.sharedRows
        let found = try await used.probe(tokens.inputs, outputs: outputs).rows
        let fresh = try await tiny.load(.fast) { $0.prefixMemory = 0 }.probe(tokens.inputs, outputs: outputs).rows
        #expect(bits(found.compactMap(\.logits)) == bits(fresh.compactMap(\.logits)), sourceLocation: sourceLocation)
        #expect(await used.sharedRows - already == expected, sourceLocation: sourceLocation)
    }

    @Test func `plain rows are shared`() async throws {
        try await Self.check({ _ = try await $0.prefill(Self.tokens.inputs) }, sharing: 96)
    }

    @Test func `rows of a fork and of a beginning are shared`() async throws {
        try await Self.check(
            { model in
                let cache = try await model.prefill(Array(Self.tokens[..<64]).inputs).truncated(to: 50)
                _ = try await model.prefill(Array(Self.tokens[50...]).inputs, from: cache.fork())
            }, sharing: 96)
    }

    @Test func `rows under a mask are not shared`() async throws {
        try await Self.check { model in
            let mask = AttentionMask(rows: (0..<64).map { row in (0..<64).map { $0 == row } })
            _ = try await model.probe(Array(Self.tokens[..<64]).inputs, outputs: Self.outputs, mask: mask)
        }
    }

    @Test func `rows behind vectors are not shared`() async throws {
        try await Self.check { model in
            let thought = try await model.think([.token(9)], steps: 31)
            _ = try await model.prefill(Self.tokens.inputs, from: thought.cache)
            let latent = try await model.prefill(Self.tokens.inputs, from: try thought.cache.moved(to: 0))
            // What remains when the vectors are taken out has seen them.
            let rest = try latent.select(Array(32..<132))
            _ = try await model.prefill(Array(Self.tokens[..<5]).inputs, from: rest)
        }
    }

    @Test func `rows that were selected, joined, merged or moved are not shared`() async throws {
        try await Self.check { model in
            let other = sampleTokens(10, seed: 2, vocabulary: 96)
            let behind = try await model.prefill((other + Self.tokens).inputs)
            _ = try await model.prefill([.token(7)], from: try behind.select(Array(10..<110)))
            let head = try await model.prefill(Array(Self.tokens[..<10]).inputs)
            let tail = try await model.prefill(Array(Self.tokens[10...]).inputs)
            _ = try await model.prefill([.token(7)], from: try head.appending(tail))
            let empty = try await model.makeCache()
            let first = try await model.prefill(Array(Self.tokens[..<10]).inputs, from: empty)
            let second = try await model.prefill(Array(Self.tokens[10...]).inputs, from: empty)
            _ = try await model.prefill([.token(7)], from: try KVCache.merge(base: empty, branches: [first, second]))
            let far = try await model.prefill(Self.tokens.inputs, from: try empty.moved(to: 50))
            _ = try await model.prefill([.token(7)], from: try far.moved(to: 0))
        }
    }

    @Test func `rows that come from outside are not shared`() async throws {
        let forger = try await Self.tiny.load(.fast)
        let mask = AttentionMask(rows: (0..<64).map { row in (0..<64).map { $0 == row } })
        let forged = try await forger.probe(Array(Self.tokens[..<64]).inputs, outputs: Self.outputs, mask: mask)
        try await Self.check { model in
            let restored = try await model.restoreCache(forged.cache.serialised())
            _ = try await model.prefill([.token(7)], from: restored)
        }
    }

    @Test func `engines of the same weights may grow one cache at the same time`() async throws {
        let engines = [try await Self.tiny.load(.fast), try await Self.tiny.load(.fast)]
        let root = try await engines[0].prefill(Array(Self.tokens[..<40]).inputs)
        let found = try await withThrowingTaskGroup(of: (Int, [[Float]]).self) { group in
            for index in 0..<8 {
                let continuation = sampleTokens(40, seed: index, vocabulary: 96)
                group.addTask {
                    (index, try await trace(engines[index % 2], prompt: [5], continuation: continuation, from: root))
                }
            }
            return try await group.reduce(into: [Int: [[Float]]]()) { $0[$1.0] = $1.1 }
        }
        let prompt = Array(Self.tokens[..<40]) + [5]
        for index in 0..<8 {
            let fresh = try await Self.tiny.load(.fast) { $0.prefixMemory = 0 }
            let whole = try await trace(
                fresh, prompt: prompt, continuation: sampleTokens(40, seed: index, vocabulary: 96))
            #expect(sameBits(found[index] ?? [], whole[40...]), "sequence \(index)")
        }
    }
}
