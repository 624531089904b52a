internal import COpenBLAS
internal import CStoaKernels
internal import StoaCore
internal import StoaTensor
internal import StoaText

/// How many shared tokens find their way over a bridge: whether the vector that a token's output row becomes is nearest
/// to the input row of the same token, among all of the target's vocabulary.
public struct BridgeRecovery: Sendable, Hashable {
    /// How many shared tokens were tried.
    public let tried: Int
    /// The part of them for which the token of the largest inner product, which is the most probable one under
    /// `softmax(I e)`, is the shared one.
    public let topOne: Double
    /// The part of them for which the token of the largest cosine is.
    public let cosine: Double
}

extension VocabularyBridge {
    /// Measures recovery.
    ///
    /// Complexity: `2 * sample * vocabulary * outputs` products in single precision.
    ///
    /// Isolation: computes where it is called; runs are serialised by the caller.
    ///
    /// - Parameters:
    ///   - source: the model that the bridge is from.
    ///   - target: the model that it leads to.
    ///   - sample: the most tokens that are tried; which ones is a function of the seed.
    ///   - seed: the seed.
    ///   - threads: threads that OpenBLAS may use, where it is not open yet.
    /// - Returns: what was found.
    /// - Throws: what reading the models throws, or `LinearAlgebraError` without OpenBLAS.
    public func recovery(
        from source: StoredModel, to target: StoredModel, sample: Int = 2000, seed: UInt64 = 0, threads: Int = 1
    ) throws -> BridgeRecovery {
        let blas = try OpenBLAS.open(threads: threads)
        let tried = Self.sample(pairs, count: sample, seed: seed)
        guard !tried.isEmpty else { return BridgeRecovery(tried: 0, topOne: 0, cosine: 0) }
        let vectors = try vectors(of: tried, source: source.weights)
        var (largest, nearest) = (Best(count: tried.count), Best(count: tried.count))
        let rows = try target.weights.tensor(.tokenEmbedding)
        let block = 1024
        let floats = AlignedBuffer<Float>(count: block * outputs)
        let products = AlignedBuffer<Float>(count: tried.count * block)
        for start in stride(from: 0, to: rows.rows, by: block) {
            let range = start..<min(start + block, rows.rows)
            rows.dequantiseRows(range, into: floats.elements)
            // The embedding scale is one factor for all and does not change which product is the largest.
            largest.take(range, multiply(vectors, floats, into: products, tried.count, range.count, blas))
            for row in 0..<range.count {
                let base = floats.base + row * outputs
                stk_scale(1 / max(stk_norm(base, outputs), 1e-12), base, outputs)
            }
            nearest.take(range, multiply(vectors, floats, into: products, tried.count, range.count, blas))
        }
        let expected = tried.map(\.other.index)
        return BridgeRecovery(
            tried: tried.count, topOne: largest.share(of: expected), cosine: nearest.share(of: expected))
    }

    /// The vectors that the output rows of tokens become, not rescaled. [tokens, outputs]
    private func vectors(
        of tokens: [Tokenizer.SharedToken], source: ModelWeights
    ) throws -> AlignedBuffer<Float> {
        let rows = BridgeRows(tensor: try source.tensor(.outputHead), ids: tokens.map(\.own.index), scale: 1)
        let floats = AlignedBuffer<Float>(count: tokens.count * inputs)
        rows.read(0..<tokens.count, into: floats)
        let vectors = AlignedBuffer<Float>(count: tokens.count * outputs)
        for place in tokens.indices {
            let vector = matrix(UnsafeBufferPointer(start: floats.base + place * inputs, count: inputs))
            vector.withUnsafeBufferPointer { mapped in
                guard let base = mapped.baseAddress else { return }
                (vectors.base + place * outputs).update(from: base, count: outputs)
            }
        }
        return vectors
    }

    /// Products of all vectors with all rows. [vectors, rows]
    private func multiply(
        _ vectors: AlignedBuffer<Float>, _ rows: AlignedBuffer<Float>, into products: AlignedBuffer<Float>,
        _ vectorCount: Int, _ rowCount: Int, _ blas: OpenBLAS
    ) -> UnsafePointer<Float> {
        blas.sgemm(
            BridgeRows.rowMajor, BridgeRows.plain, BridgeRows.transposed, Int32(vectorCount), Int32(rowCount),
            Int32(outputs), 1, vectors.base, Int32(outputs), rows.base, Int32(outputs), 0, products.base,
            Int32(rowCount))
        return UnsafePointer(products.base)
    }

    /// The first `count` of the pairs in an order drawn from a seed; all of them where there are no more.
    private static func sample(
        _ pairs: [Tokenizer.SharedToken], count: Int, seed: UInt64
    ) -> [Tokenizer.SharedToken] {
        guard count < pairs.count else { return pairs }
        let stream = RandomStream(seed: seed).child("bridge recovery")
        var pairs = pairs
        for place in 0..<max(0, count) {
            pairs.swapAt(place, place + stream.integer(at: UInt64(place), below: pairs.count - place))
        }
        return Array(pairs.prefix(max(0, count)))
    }
}

/// The largest product of each vector so far, and whose it is.
private struct Best {
    private var values: [Float]
    private var rows: [Int]

    init(count: Int) {
        values = Array(repeating: -.infinity, count: count)
        rows = Array(repeating: -1, count: count)
    }

    /// Takes the products with some rows. [vectors, range.count]
    mutating func take(_ range: Range<Int>, _ products: UnsafePointer<Float>) {
        for vector in values.indices {
            let row = products + vector * range.count
            let place = stk_argmax(row, range.count)
            if row[place] > values[vector] {
                values[vector] = row[place]
                rows[vector] = range.lowerBound + place
            }
        }
    }

    func share(of expected: [Int]) -> Double {
        Double(zip(rows, expected).count { $0 == $1 }) / Double(max(1, expected.count))
    }
}
