import Foundation
import StoaCore
import StoaModel
import StoaTensor
import StoaTestKit
import Testing

/// Pruning by similarity: acceptance test L9.
@Suite struct PruningTests {
    @Test func `counts are those of the reference`() {
        // max(int(rows * fraction), least), at most all.
        let cases: [(rows: Int, fraction: Double, least: Int, kept: Int)] = [
            (10, 0.8, 5, 8), (11, 0.8, 5, 8), (10, 0.3, 5, 5), (3, 0.1, 5, 3), (10, 1, 0, 10), (10, 0, 0, 0),
            (10, 0.99, 0, 9), (0, 0.5, 5, 0), (10, 0.29, 0, 2), (100, 0.29, 0, 28),
        ]
        for (rows, fraction, least, kept) in cases {
            #expect(LatentPruning(fraction: fraction, least: least).kept(of: rows) == kept, "\(rows) \(fraction)")
        }
    }

    @Test func `strategies choose the expected rows (L9)`() {
        let scores = [0.1, 0.9, -0.5, 0.4, 0.4, .nan, 0.8, 1.0, 1.0]
        let stream = RandomStream(seed: 1)
        func pick(_ strategy: LatentPruning.Strategy, _ fraction: Double, _ least: Int) -> [Int] {
            LatentPruning(fraction: fraction, least: least, strategy: strategy)
                .pick(scores, of: scores.count, stream: stream)
        }
        // Of nine rows five are kept: the last two, and three of the other seven.
        #expect(pick(.top, 0.6, 2) == [1, 3, 6, 7, 8])
        #expect(pick(.bottom, 0.6, 2) == [0, 2, 5, 7, 8])
        // Equal scores: the earlier row.
        #expect(pick(.top, 0.34, 0) == [1, 7, 8])
        #expect(pick(.top, 0.23, 0) == [7, 8])
        #expect(pick(.top, 0.12, 0) == [7])
        for strategy in LatentPruning.Strategy.allCases {
            #expect(pick(strategy, 1, 2) == Array(0..<9))
            #expect(pick(strategy, 0, 9) == Array(0..<9))
            #expect(pick(strategy, 0, 4) == [5, 6, 7, 8])
            #expect(pick(strategy, 0, 0) == [])
        }
    }

    @Test func `random rows are drawn evenly from the stream, in order, without repetition`() {
        let pruning = LatentPruning(fraction: 0.5, least: 3, strategy: .random)
        var counts = [Int](repeating: 0, count: 20)
        for seed in 0..<2000 {
            let stream = RandomStream(seed: UInt64(seed))
            let rows = pruning.pick([], of: 20, stream: stream)
            #expect(rows.count == 10)
            #expect(rows == Array(Set(rows)).sorted())
            #expect(rows.suffix(3) == [17, 18, 19])
            #expect(rows == pruning.pick([], of: 20, stream: stream))
            for row in rows { counts[row] += 1 }
        }
        // 7 of 17 each time: 823.5 expected, a standard deviation of 22.
        #expect(counts[..<17].allSatisfy { abs(Double($0) - 823.5) < 110 })
    }

    /// Keys by hand, in the middle layer of a tiny model with two key heads of 16.
    @Test func `scores are cosines of mean keys with the folded prompt`() async throws {
        let model = try await TinyModel(name: "llama", usesGGUF: false).load(.exact)
        let stored = try await model.prefill(sampleTokens(3, seed: 1, vocabulary: 96).inputs).serialised()
        func row(_ first: [Float], _ second: [Float]) -> [Float] {
            let rest = [Float](repeating: 9, count: 64)
            func head(_ start: [Float]) -> [Float] { start + [Float](repeating: 0, count: 16 - start.count) }
            // Layer 0 does not matter, nor do values.
            return rest + head(first) + head(second) + [Float](repeating: -3, count: 32)
        }
        // Means (1, 0), (1, 1) and nothing.
        let rows = [row([3, 1], [-1, -1]), row([0, 0], [2, 2]), row([1, 2], [-1, -2])]
        let end = try #require(stored.firstIndex(of: 0))
        let body = rows.joined().flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
        let cache = try await model.restoreCache(Array(stored[...end]) + body)
        #expect(cache.keys(row: 1, slot: 1)[16...17] == [2, 2])
        // Width 32 folds to 16: (2, -1) and (4, 5) to (3, 2).
        var embedding = [Double](repeating: 0, count: 32)
        (embedding[0], embedding[1], embedding[16], embedding[17]) = (2, -1, 4, 5)
        let scores = KeySimilarity(embedding: embedding, headWidth: 16).scores(of: [0, 1, 2], in: cache)
        let root = 13.0.squareRoot()
        #expect(abs(scores[0] - 3 / root) < 1e-12)
        #expect(abs(scores[1] - 5 / (root * 2.0.squareRoot())) < 1e-12)
        #expect(scores[2] == 0)
        #expect(KeySimilarity(embedding: [], headWidth: 16).scores(of: [1], in: cache) == [0])
    }

    /// 640 numbers do not fold evenly to heads of 256: the first 128 elements have three terms.
    @Test func `a width that a head does not divide folds all the same`() async throws {
        let model = try await TinyModel(name: "llama", usesGGUF: false).load(.exact)
        let cache = try await model.prefill(sampleTokens(2, seed: 2, vocabulary: 96).inputs)
        let even = (0..<40).map { $0 % 16 == 3 ? 2.0 : 0 }
        let expected = [0.0, 0, 0, 2] + [Double](repeating: 0, count: 28)
        let found = KeySimilarity(embedding: even, headWidth: 16).scores(of: [0, 1], in: cache)
        #expect(found == KeySimilarity(embedding: expected + [], headWidth: 16).scores(of: [0, 1], in: cache))
    }

    @Test(arguments: LatentPruning.Strategy.allCases)
    func `a reader has the rows in mind that its own prompt picks`(_ strategy: LatentPruning.Strategy) async throws {
        let scene = try await RecallScene(try await TinyChat().engine())
        let joined = try await scene.joined(onBase: true)
        for (kind, fraction) in [(LatentRecall.Rows.full, 0.4), (.prompts, 0.5), (.own, 0.25)] {
            let pruning = LatentPruning(fraction: fraction, least: 3, strategy: strategy)
            let recall = LatentRecall(rows: kind, pruning: pruning, sink: 2)
            let found = try await scene.model.read(scene.question(onBase: true, recall))
            let rows = scene.rows(onBase: true).enumerated().filter {
                kind == .full || (kind == .own ? $0.element.isOwn : $0.element.origin == "prompt")
            }.map(\.offset)
            // The mean of the prompt's rows of the embedding table, computed anew.
            let table = try ModelWeights(path: goldenPath("models/llama")).tensor(.tokenEmbedding).dequantised()
            let mean = (0..<32).map { column in
                found.promptTokens.reduce(0.0) { $0 + Double(table[$1.index * 32 + column]) }
                    / Double(found.promptTokens.count)
            }
            let scores = rows.map { row in
                let keys = joined.keys(row: row, slot: 1).map(Double.init)
                let summary = (0..<16).map { (keys[$0] + keys[$0 + 16]) / 2 }
                let query = (0..<16).map { (mean[$0] + mean[$0 + 16]) / 2 }
                func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
                return dot(summary, query) / (dot(summary, summary) * dot(query, query)).squareRoot()
            }
            let free = max(Int(Double(rows.count) * fraction), 3) - 3
            let early = Array(scores.indices.dropLast(3))
            let picked: [Int]
            switch strategy {
            case .top: picked = Array(early.sorted { scores[$0] > scores[$1] }.prefix(free))
            case .bottom: picked = Array(early.sorted { scores[$0] < scores[$1] }.prefix(free))
            case .random:
                picked = pruning.pick(scores, of: rows.count, stream: SeedPath(seed: 0).child("recall").stream)
                    .dropLast(3)
            }
            let kept = Set([0, 1] + (picked + scores.indices.suffix(3)).map { rows[$0] }).sorted()
            #expect(
                try await scene.model.digest(of: found.promptTokens, behind: try joined.select(kept))
                    == found.latent.digest)
            #expect(found.latent.contextRows == kept.count)
        }
    }

    @Test func `chance comes from the request's seed`() async throws {
        let scene = try await RecallScene(try await TinyChat().engine())
        let recall = LatentRecall(pruning: LatentPruning(fraction: 0.5, strategy: .random))
        var digests: [SHA256Digest] = []
        for seed: UInt64 in [1, 2, 1] {
            var request = scene.question(onBase: false, recall)
            request.seed = SeedPath(seed: seed)
            digests.append(try await scene.model.read(request).latent.digest)
        }
        #expect(digests[0] == digests[2])
        #expect(digests[0] != digests[1])
    }
}
