import Foundation
import StoaCore
import StoaModel
import StoaTestKit
import Testing

extension RealModelTests {
    /// The cache algebra on real weights: acceptance tests L1 to L3, L5, L6 and L12, with == where bits must be equal.
    @Suite struct RealCacheTests {
        private static let outputs = OutputRequest(logits: .all)

        /// Real text: tokens of a golden window.
        private static func text(_ model: RealModel, _ range: Range<Int>) throws -> [TokenID] {
            Array(try #require(model.golden().windows.first { $0.name == "prose" }).tokens[range])
        }

        private static func greedy(_ tokens: Int) -> GenerationRequest {
            var request = GenerationRequest()
            request.maximumTokens = tokens
            request.sampling.temperature = 0
            request.sampling.logProbabilities = 0
            request.ignoresEndOfTurn = true
            return request
        }

        /// An engine that computes everything itself.
        private static func engine(_ precision: Precision) async throws -> LocalModel {
            try await RealModel.smollm2.load(precision) { $0.prefixMemory = 0 }
        }

        @Test(arguments: Precision.allCases)
        func `handing over a cache loses nothing (L1)`(_ precision: Precision) async throws {
            let model = try await Self.engine(precision)
            let a = try Self.text(.smollm2, 0..<70)
            let b = try Self.text(.smollm2, 300..<330)
            let whole = try await model.probe((a + b).inputs, outputs: Self.outputs).rows
            let cache = try await model.prefill(a.inputs)
            let rest = try await model.probe(b.inputs, from: cache, outputs: Self.outputs).rows
            #expect(sameBits(rest.compactMap(\.logits), whole[70...].compactMap(\.logits)))
            async let together = model.generate((a + b).inputs, request: Self.greedy(64))
            async let handed = model.generate(b.inputs, from: cache, request: Self.greedy(64))
            let (first, second) = try await (together, handed)
            #expect(first.tokens.count == 64)
            #expect(first.tokens == second.tokens)
            #expect(first.logProbabilities == second.logProbabilities)
            #expect(first.text == second.text)
        }

        @Test(arguments: RealModel.cases)
        func `thinking equals feeding the recorded vectors in one pass (L2)`(
            _ real: RealModel, _ precision: Precision
        ) async throws {
            let model = try await real.load(precision) { $0.prefixMemory = 0 }
            let a = try Self.text(real, 0..<40)
            let b = try Self.text(real, 300..<312)
            let thought = try await model.think(a.inputs, steps: 8)
            #expect(thought.cache.nextPosition == 48)
            let next = try await model.probe(b.inputs, from: thought.cache, outputs: Self.outputs)
            let vectors = thought.vectors.map { ModelInput.embedding($0) }
            let whole = try await model.probe(a.inputs + vectors + b.inputs, outputs: Self.outputs)
            #expect(sameBits(next.rows.compactMap(\.logits), whole.rows[48...].compactMap(\.logits)))
            // Positions, tokens, origins, and the bytes of all keys and values.
            #expect(next.cache.contentHash == whole.cache.contentHash)
            async let thinking = model.generate(b.inputs, from: thought.cache, request: Self.greedy(64))
            async let feeding = model.generate(a.inputs + vectors + b.inputs, request: Self.greedy(64))
            let (first, second) = try await (thinking, feeding)
            #expect(first.tokens == second.tokens)
            #expect(first.logProbabilities == second.logProbabilities)
        }

        @Test(arguments: Precision.allCases)
        func `a stored cache comes back with the same bits in another engine (L3)`(_ precision: Precision) async throws
        {
            let model = try await Self.engine(precision)
            let cache = try await model.think(try Self.text(.smollm2, 0..<40).inputs, steps: 3, author: "planner").cache
            let other = try await Self.engine(precision)
            let stored = cache.serialised()
            let restored = try await other.restoreCache(stored)
            #expect(restored.contentHash == cache.contentHash)
            #expect(restored.serialised() == stored)
            let b = try Self.text(.smollm2, 300..<305)
            let here = try await model.probe(b.inputs, from: cache, outputs: Self.outputs).rows
            let there = try await other.probe(b.inputs, from: restored, outputs: Self.outputs).rows
            #expect(sameBits(here.compactMap(\.logits), there.compactMap(\.logits)))
        }

        /// The mean norm of embedding rows, in double precision over the `gguf` package's dequantised weights: 3.20224 and
        /// 1.031110, the latter entering the first layer times 25.298222, the root of 640 in single precision.
        @Test(arguments: [(RealModel.smollm2, 3.202_240_9), (.gemma3, 1.031_110_374 * 25.298_222)])
        func `latent vectors have the norm of the effective embeddings (L5)`(_ model: RealModel, _ norm: Double)
            async throws
        {
            let engine = try await model.shared(.fast)
            #expect(abs(Double(await engine.meanEmbeddingNorm) / norm - 1) < 1e-6)
            let thought = try await engine.think(try Self.text(model, 0..<20).inputs, steps: 4)
            for vector in thought.vectors {
                let found = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
                #expect(abs(found / norm - 1) < 1e-6)
            }
            #expect(thought.cache.nextPosition == 24)
        }

        @Test(arguments: RealModel.allCases)
        func `moved rows have the keys that they would have had there (L6)`(_ model: RealModel) async throws {
            let engine = try await model.shared(.exact)
            let tokens = try Self.text(model, 0..<48)
            let distance: Int32 = 613
            let here = try await engine.prefill(tokens.inputs)
            let moved = try here.moved(to: distance)
            let there = try await engine.prefill(tokens.inputs, from: try await engine.makeCache().moved(to: distance))
            #expect(moved.positions == there.positions)
            for slot in model.slotsToCompare {
                let rotary = model.rotary(slot: slot)
                var (worst, largest) = (0.0, 1.0)
                for row in 0..<48 {
                    let stored = here.keys(row: row, slot: slot)
                    // Turned by its old position, then by the distance, as a cache of turned keys would have it.
                    let turned = rotary.turn(rotary.turn(stored.map(Double.init), by: row), by: Int(distance))
                    let recomputed = rotary.turn(
                        there.keys(row: row, slot: slot).map(Double.init), by: Int(there.positions[row]))
                    let now = rotary.turn(
                        moved.keys(row: row, slot: slot).map(Double.init), by: Int(moved.positions[row]))
                    for index in now.indices {
                        worst = max(worst, abs(now[index] - turned[index]), abs(now[index] - recomputed[index]))
                        largest = max(largest, abs(now[index]))
                    }
                }
                #expect(worst < 1e-5 * largest, "slot \(slot)")
            }
            let next = try Self.text(model, 300..<305)
            let fromMoved = try await engine.probe(next.inputs, from: moved, outputs: Self.outputs).rows
            let fromThere = try await engine.probe(next.inputs, from: there, outputs: Self.outputs).rows
            #expect(largestDifference(fromMoved.compactMap(\.logits), fromThere.compactMap(\.logits)) < 2e-3)
        }

        /// More rows than the window holds: a local layer must count positions from where the rows are now.
        @Test func `windows slide over moved rows (L6)`() async throws {
            let engine = try await RealModel.gemma3.shared(.fast)
            let tokens = try Self.text(.gemma3, 0..<560)
            let here = try await engine.prefill(tokens.inputs)
            let moved = try here.moved(to: 1000)
            let outputs = OutputRequest(hidden: .all, residuals: [0])
            let next = try Self.text(.gemma3, 600..<604).inputs
            let found = try await engine.probe(next, from: moved, outputs: outputs).rows
            let expected = try await engine.probe(next, from: here, outputs: outputs).rows
            // Layer 0 is local: of 560 rows the first query sees the last 511, and distances alone matter.
            let visible = try here.select(Array(49..<560), positions: .keep)
            let alone = try await engine.probe(Array(next[..<1]), from: visible, outputs: outputs).rows
            let blind = try await engine.probe(
                Array(next[..<1]), from: try here.select(Array(50..<560), positions: .keep), outputs: outputs
            ).rows
            #expect(relativeDifference(found.map { $0.residuals[0] }, expected.map { $0.residuals[0] }) < 1e-2)
            #expect(relativeDifference(expected[..<1].map { $0.residuals[0] }, alone.map { $0.residuals[0] }) < 1e-6)
            #expect(relativeDifference(blind.map { $0.residuals[0] }, alone.map { $0.residuals[0] }) > 1e-6)
        }

        /// Rows far away by position but near by number: with a gap between them and the query, a local layer must not
        /// see them; moved together, it must.
        @Test(arguments: [Int32(0), 1000])
        func `windows count positions, not rows (L6)`(_ distance: Int32) async throws {
            let engine = try await RealModel.gemma3.shared(.exact)
            let whole = try await engine.prefill(try Self.text(.gemma3, 0..<560).inputs)
            let next = Array(try Self.text(.gemma3, 600..<601).inputs)
            let outputs = OutputRequest(hidden: .all, residuals: [0])
            func residual(_ rows: [Int], _ policy: SelectionPositions) async throws -> [[Float]] {
                let cache = try whole.select(rows, positions: policy)
                let moved = distance == 0 ? cache : try cache.moved(to: distance)
                return try await engine.probe(next, from: moved, outputs: outputs).rows.map { $0.residuals[0] }
            }
            let far = Array(0..<10)
            let near = Array(200..<560)
            let gap = try await residual(far + near, .keep)
            #expect(relativeDifference(gap, try await residual(near, .keep)) < 1e-6)
            let together = try await residual(far + near, .compact)
            #expect(relativeDifference(together, try await residual(near, .compact)) > 1e-4)
        }

        @Test(arguments: Precision.allCases)
        func `eight sessions in parallel say what each says alone (L12)`(_ precision: Precision) async throws {
            let shared = try await RealModel.smollm2.shared(precision)
            let alone = try await Self.engine(precision)
            let prompts = try (0..<8).map { try Self.text(.smollm2, $0 * 40..<$0 * 40 + 8 + 5 * $0) }
            func generate(_ model: LocalModel, _ index: Int) async throws -> Generation {
                var request = Self.greedy(6)
                request.sampling.temperature = 0.8
                request.stream = RandomStream(seed: UInt64(index))
                let cache = try await model.think(prompts[index].inputs, steps: 2).cache
                return try await model.generate([.token(prompts[index][0])], from: cache, request: request)
            }
            let before = await shared.occupancy
            let parallel = try await withThrowingTaskGroup(of: (Int, Generation).self) { group in
                for index in 0..<8 { group.addTask { (index, try await generate(shared, index)) } }
                return try await group.reduce(into: [Int: Generation]()) { $0[$1.0] = $1.1 }
            }
            let after = await shared.occupancy
            #expect(Double(after.rows - before.rows) / Double(after.passes - before.passes) > 1.5)
            for index in 0..<8 {
                let expected = try await generate(alone, index)
                let found = try #require(parallel[index])
                #expect(found.tokens == expected.tokens)
                #expect(found.text == expected.text)
                #expect(found.logProbabilities == expected.logProbabilities)
                #expect(found.cache.contentHash == expected.cache.contentHash)
            }
        }
    }
}

/// The largest difference, as a part of the largest number.
private func relativeDifference(_ found: [[Float]], _ expected: [[Float]]) -> Float {
    largestDifference(found, expected) / (expected.joined().reduce(0) { max($0, abs($1)) })
}

/// Rotary positions in double precision, from the models' published bases alone.
private struct Rotary {
    let base: Double
    let width: Int

    /// Heads of `width`, each element paired with the one half a head further on.
    func turn(_ heads: [Double], by position: Int) -> [Double] {
        var result = heads
        for head in stride(from: 0, to: heads.count, by: width) {
            for pair in 0..<width / 2 {
                let angle = Double(position) * pow(base, -2 * Double(pair) / Double(width))
                let (x, y) = (heads[head + pair], heads[head + pair + width / 2])
                result[head + pair] = x * cos(angle) - y * sin(angle)
                result[head + pair + width / 2] = y * cos(angle) + x * sin(angle)
            }
        }
        return result
    }
}

extension RealModel {
    /// Slots of either base: Gemma's layers are local but for each sixth.
    fileprivate var slotsToCompare: [Int] { self == .smollm2 ? [0, 1, 14, 29] : [0, 1, 5, 11, 16, 17] }

    fileprivate func rotary(slot: Int) -> Rotary {
        switch self {
        case .smollm2: Rotary(base: 100_000, width: 64)
        case .gemma3: Rotary(base: slot % 6 == 5 ? 1_000_000 : 10000, width: 256)
        }
    }
}
