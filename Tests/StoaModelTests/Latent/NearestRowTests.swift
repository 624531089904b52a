import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// The quick search for the nearest embedding against the one that reads every row, and against double precision.
@Suite struct NearestRowTests {
    /// Vectors anywhere, next to rows, opposite to rows, between two rows, and of extreme lengths.
    private static func vectors(_ table: [[Double]]) -> [[Float]] {
        let stream = RandomStream(seed: 77)
        let width = table[0].count
        return (0..<120).map { index in
            let noise = (0..<width).map { stream.normal(at: UInt64(index * width + $0)) }
            let row = table[(7 * index) % table.count]
            let other = table[(5 * index + 1) % table.count]
            let vector: [Double] =
                switch index % 6 {
                case 0: noise
                case 1: row
                case 2: zip(row, noise).map { $0 + 1e-3 * $1 }
                case 3: row.map { -$0 }
                case 4: zip(row, other).map { $0 + $1 }
                default: noise.map { $0 * (index % 4 == 1 ? 1e-12 : 1e12) }
                }
            return vector.map { Float($0) }
        }
    }

    @Test(arguments: FeedbackTests.models, Precision.allCases)
    func `the quick search finds what reading every row finds, in bits`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let model = try await tiny.load(precision)
        let table = try effectiveEmbedding(tiny.path)
        var found: Set<TokenID> = []
        for vector in Self.vectors(table) {
            let quick = await model.nearestToken(to: vector)
            let slow = await model.nearestToken(to: vector, readsEveryRow: true)
            #expect(quick.id == slow.id)
            #expect(quick.cosine.bitPattern == slow.cosine.bitPattern)
            let largest = try #require(table.map { cosine($0, doubles(vector)) }.max())
            #expect(abs(quick.cosine - largest) < 1e-6)
            found.insert(quick.id)
        }
        #expect(found.count > 20, "the vectors are near to different rows")
    }

    @Test(arguments: FeedbackTests.models, Precision.allCases)
    func `traces say what reading every row says, whatever products they share`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let model = try await tiny.load(precision)
        let prompt = sampleTokens(11, seed: 43, vocabulary: 96).inputs
        for feedback in [LatentFeedback.identity, .alignment, .soft(), .argmax, .noise] {
            let thought = try await model.think(
                prompt, thinking: Thinking(steps: 8, feedback: feedback, isTraced: true),
                stream: RandomStream(seed: 4))
            #expect(thought.trace.count == 8)
            for (trace, vector) in zip(thought.trace, thought.vectors) {
                let slow = await model.nearestToken(to: vector, readsEveryRow: true)
                #expect(trace.nearest.id == slow.id)
                #expect(trace.nearest.weight.bitPattern == slow.cosine.bitPattern)
            }
        }
    }

    @Test func `a vector without direction is as far from all rows`() async throws {
        for name in ["gemma3", "llama"] {
            let model = try await TinyModel(name: name, usesGGUF: true).load(.fast)
            let width = model.information.width
            let nearest = await model.nearestToken(to: [Float](repeating: 0, count: width))
            #expect(nearest.id == TokenID(0))
            #expect(nearest.cosine == -1)
        }
    }
}
