import Foundation
import StoaCore
import StoaModel
import StoaTensor
import StoaTestKit
import Testing

/// Where attention goes: the capture in the forward pass, and pruning by it.
@Suite struct AttentionMassTests {
    private static let context = sampleTokens(45, seed: 31, vocabulary: 96)
    private static let prompt = sampleTokens(23, seed: 32, vocabulary: 96)

    @Test(arguments: ReproducibilityTests.cases)
    func `all attention goes somewhere`(_ tiny: TinyModel, _ precision: Precision) async throws {
        let model = try await tiny.load(precision)
        let cache = try await model.prefill(Self.context.inputs)
        let rows = try await model.probe(Self.prompt.inputs, from: cache, outputs: OutputRequest(attention: 16)).rows
        #expect(rows.map(\.row) == Array(7..<23))
        let whole = Double(model.information.heads * model.information.layers)
        for row in rows {
            #expect(row.attention.count == 45 + row.row + 1)
            #expect(row.attention.allSatisfy { $0 >= 0 })
            #expect(abs(row.attention.reduce(0, +) - whole) < 1e-4 * whole)
            #expect(row.hidden == nil)
            #expect(row.logits == nil)
        }
        let found = try await model.attentionMass(of: Self.prompt, over: cache).mass
        let own = rows.reduce(0.0) { $0 + $1.attention[45...].reduce(0, +) }
        #expect(found.count == 45)
        #expect(abs(found.reduce(0, +) - (16 * whole - own)) < 1e-3 * whole)
        // A prompt that is shorter has all of its rows looked at.
        let short = try await model.attentionMass(of: Array(Self.prompt[..<3]), over: cache)
        #expect(short.usage.computedRows == 3)
        #expect(short.mass.reduce(0, +) < 3 * whole)
    }

    /// Recomputed in double precision from the weights file: norms, queries, rotations, softmax.
    @Test(arguments: Precision.allCases)
    func `the mass equals a slow computation`(_ precision: Precision) async throws {
        let tiny = TinyModel(name: "llama", usesGGUF: false)
        let model = try await tiny.load(precision)
        let thought = try await model.think(Self.context.inputs, steps: 4)
        // Moved and thinned out, so that rows and positions differ.
        let kept = Array(0..<4) + Array(stride(from: 9, to: 49, by: 2))
        let cache = try thought.cache.select(kept, positions: .keep)
        let found = try await model.attentionMass(of: Self.prompt, over: cache).mass
        let inside = try await model.probe(
            Self.prompt.inputs, from: cache, outputs: OutputRequest(hidden: .all, residuals: [0]))
        let expected = try SlowAttention(path: tiny.path).mass(
            prompt: Self.prompt, last: 16, secondInputs: inside.rows.map { $0.residuals[0] }, cache: inside.cache,
            context: cache.count)
        let bound = precision == .exact ? 1e-4 : 0.1
        for (row, pair) in zip(found, expected).enumerated() {
            #expect(abs(pair.0 - pair.1) < bound, "row \(row): \(pair.0) instead of \(pair.1)")
        }
        #expect(found.count == expected.count)
    }

    @Test func `rows behind the window get attention of global layers alone`() async throws {
        let model = try await TinyModel(name: "gemma3", usesGGUF: false).load()
        let cache = try await model.prefill(Self.context.inputs)
        let rows = try await model.probe(Self.prompt.inputs, from: cache, outputs: OutputRequest(attention: 16)).rows
        // Six of seven layers see eight rows; two heads each.
        for row in rows {
            let near = row.attention.count - 8
            #expect(row.attention[..<near].reduce(0, +) <= 2.001)
            #expect(row.attention[near...].reduce(0, +) >= 11.999)
            #expect(row.attention[..<near].allSatisfy { $0 > 0 })
        }
        // After the rows moved together, the window counts from where they are now.
        let kept = try cache.select([0, 5, 10, 20, 30, 40])
        let moved = try await model.probe([.token(Self.prompt[0])], from: kept, outputs: OutputRequest(attention: 1))
        #expect(moved.rows[0].attention.dropLast().reduce(0, +) > 2.001)
        let apart = try cache.select([0, 5, 10, 20, 30], positions: .keep)
        let far = try await model.probe([.token(Self.prompt[0])], from: apart, outputs: OutputRequest(attention: 1))
        #expect(far.rows[0].attention.dropLast().reduce(0, +) <= 2.001)
    }

    @Test func `hidden rows get none`() async throws {
        let model = try await TinyModel(name: "llama", usesGGUF: false).load()
        let mask = AttentionMask(
            rows: (0..<20).map { row in (0..<20).map { $0 <= row && ($0 == row || $0 % 3 != 1) } })
        let rows = try await model.probe(
            Array(Self.context[..<20]).inputs, outputs: OutputRequest(attention: 5), mask: mask
        ).rows
        for row in rows {
            for column in 0...row.row {
                #expect((row.attention[column] == 0) == (column != row.row && column % 3 == 1))
            }
        }
    }

    @Test(arguments: [TinyModel.floats[0], TinyModel.floats[8], TinyModel.quantised[0]], Precision.allCases)
    func `neither threads nor chunks nor company change a bit`(_ tiny: TinyModel, _ precision: Precision) async throws {
        var seen: Set<[UInt64]> = []
        for (threads, rows) in [(1, 64), (2, 64), (2, 7), (1, 1), (3, 20)] {
            let model = try await tiny.load(precision) {
                $0.threads = threads
                $0.passRows = rows
            }
            let cache = try await model.prefill(Self.context.inputs)
            async let company = model.prefill(sampleTokens(60, seed: 33, vocabulary: 96).inputs)
            async let mass = model.attentionMass(of: Self.prompt, over: cache).mass
            async let other = model.attentionMass(of: Array(Self.prompt[2...]), over: cache).mass
            _ = try await (company, other)
            seen.insert(try await mass.map(\.bitPattern))
            // A second time, with the prompt in the prefix cache.
            seen.insert(try await model.attentionMass(of: Self.prompt, over: cache).mass.map(\.bitPattern))
        }
        #expect(seen.count == 1)
    }

    @Test func `looking does not change what is seen`() async throws {
        let model = try await TinyModel(name: "gemma3", usesGGUF: false).load()
        let cache = try await model.prefill(Self.context.inputs)
        let plain = try await model.probe(Self.prompt.inputs, from: cache, outputs: OutputRequest(logits: .all))
        let watched = try await model.probe(
            Self.prompt.inputs, from: cache, outputs: OutputRequest(logits: .all, attention: 23))
        #expect(sameBits(plain.rows.compactMap(\.logits), watched.rows.compactMap(\.logits)))
        #expect(plain.cache.contentHash == watched.cache.contentHash)
    }

    @Test(arguments: [LatentPruning.Strategy.top, .bottom])
    func `a reader keeps what its prompt attends to`(_ strategy: LatentPruning.Strategy) async throws {
        let scene = try await RecallScene(try await TinyChat().engine())
        let joined = try await scene.joined(onBase: true)
        for (kind, sink) in [(LatentRecall.Rows.full, 4), (.latents, 3), (.own, 0)] {
            let pruning = LatentPruning(score: .attention, fraction: 0.4, least: 2, strategy: strategy)
            let found = try await scene.model.read(
                scene.question(onBase: true, LatentRecall(rows: kind, pruning: pruning, sink: sink)))
            let rows = scene.rows(onBase: true).enumerated().filter {
                kind == .full || (kind == .own ? $0.element.isOwn : $0.element.origin == "latent")
            }.map(\.offset)
            let before = Set(Array(0..<sink) + rows).sorted()
            let mass = try await scene.model.model.attentionMass(
                of: found.promptTokens, over: before.count == joined.count ? joined : try joined.select(before)
            ).mass
            let scores = rows.map { row in mass[before.firstIndex(of: row) ?? -1] }
            let free = max(Int(Double(rows.count) * 0.4), 2) - 2
            let ordered = scores.indices.dropLast(2).sorted {
                strategy == .top ? scores[$0] > scores[$1] : scores[$0] < scores[$1]
            }
            let kept = Set(Array(0..<sink) + (ordered.prefix(free) + scores.indices.suffix(2)).map { rows[$0] })
            #expect(
                try await scene.model.digest(of: found.promptTokens, behind: try joined.select(kept.sorted()))
                    == found.latent.digest)
        }
    }

    @Test func `looking is paid for`() async throws {
        let scene = try await RecallScene(try await TinyChat().engine())
        let pruning = LatentPruning(score: .attention, fraction: 0.5)
        let reply = try await scene.model.complete(scene.question(onBase: false, LatentRecall(pruning: pruning)))
        #expect(reply.usage.logical.prefillTokens == 2 * reply.promptTokens.count)
        let free = try await scene.model.complete(
            scene.question(onBase: false, LatentRecall(pruning: LatentPruning(fraction: 0.5))))
        #expect(free.usage.logical.prefillTokens == free.promptTokens.count)
    }
}

/// Attention of the tiny llama in double precision, from the published definition.
private struct SlowAttention {
    private let weights: ModelWeights
    private let width = 32, heads = 4, keyHeads = 2, headWidth = 16

    init(path: String) throws { weights = try ModelWeights(path: path) }

    func mass(
        prompt: [TokenID], last: Int, secondInputs: [[Float]], cache: KVCache, context: Int
    ) throws -> [Double] {
        var mass = [Double](repeating: 0, count: context)
        let table = try weights.tensor(.tokenEmbedding).dequantised()
        for layer in 0..<2 {
            let norm = try weights.tensor(.layer(layer, .attentionNorm)).dequantised()
            let query = try weights.tensor(.layer(layer, .query)).dequantised()
            for row in prompt.count - last..<prompt.count {
                let start = prompt[row].index * width
                let input = (layer == 0 ? Array(table[start..<start + width]) : secondInputs[row]).map(Double.init)
                let square = input.reduce(0) { $0 + $1 * $1 } / Double(width)
                let normed = zip(input, norm).map { $0 * Double($1) / (square + 1e-5).squareRoot() }
                let own = context + row
                for head in 0..<heads {
                    let q = (0..<headWidth).map { element in
                        (0..<width).reduce(0.0) {
                            $0 + Double(query[(head * headWidth + element) * width + $1]) * normed[$1]
                        }
                    }
                    let turned = turn(q, by: Int(cache.positions[own]))
                    let scores = (0...own).map { seen in
                        let keys = cache.keys(row: seen, slot: layer).map(Double.init)
                        let first = head / (heads / keyHeads) * headWidth
                        let key = turn(Array(keys[first..<first + headWidth]), by: Int(cache.positions[seen]))
                        return zip(turned, key).reduce(0) { $0 + $1.0 * $1.1 } / Double(headWidth).squareRoot()
                    }
                    let greatest = scores.max() ?? 0
                    let sum = scores.reduce(0) { $0 + exp($1 - greatest) }
                    for seen in 0..<context { mass[seen] += exp(scores[seen] - greatest) / sum }
                }
            }
        }
        return mass
    }

    private func turn(_ vector: [Double], by position: Int) -> [Double] {
        var result = vector
        for pair in 0..<headWidth / 2 {
            let angle = Double(position) * pow(10000, -2 * Double(pair) / Double(headWidth))
            let (x, y) = (vector[pair], vector[pair + headWidth / 2])
            result[pair] = x * cos(angle) - y * sin(angle)
            result[pair + headWidth / 2] = y * cos(angle) + x * sin(angle)
        }
        return result
    }
}
