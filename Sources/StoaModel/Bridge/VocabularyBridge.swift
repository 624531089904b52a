internal import CStoaKernels
public import StoaCore
internal import StoaTensor
internal import StoaText

/// A linear map from the hidden states of one model to the embedding space of another, made from the tokens that both
/// vocabularies share.
///
/// With S the shared tokens, O the unembedding rows of the source and I the effective (scaled) embedding rows of the
/// target: `W = (O[S]ᵀ O[S] + lambda I)⁻¹ O[S]ᵀ I[S]`. A hidden state h becomes `h W`, rescaled to the target's mean
/// embedding norm. Attention caches cannot move between different models; such vectors can.
///
/// Source: the Hybrid fork of LatentMAS (arXiv:2511.20639), as the specification gives it.
/// Differs from the fork: double precision, a Cholesky solve, and the target's embedding scale is part of I.
public struct VocabularyBridge: Sendable {
    /// How many tokens both vocabularies have.
    public let sharedTokens: Int
    /// How far the map is from taking each shared token's output row to its input row:
    /// `‖O[S] W − I[S]‖ / ‖I[S]‖` in Frobenius norms.
    public let residual: Double
    /// W.
    let matrix: AlignmentMatrix
    let pairs: [Tokenizer.SharedToken]

    /// SHA-256 of W as little-endian 32-bit floats, row by row.
    public var digest: SHA256Digest { matrix.digest }
    /// Width of the states that it takes.
    public var inputs: Int { matrix.inputs }
    /// Width of the vectors that it makes.
    public var outputs: Int { matrix.outputs }

    /// Fits the map.
    ///
    /// Complexity: `|S| * inputs * (inputs + 2 * outputs)` products on one thread; rows are expanded in blocks.
    ///
    /// Determinism: as `RidgeSystem`.
    ///
    /// Isolation: computes where it is called, for a second or so.
    ///
    /// - Parameters:
    ///   - source: the model whose hidden states are mapped.
    ///   - target: the model that reads the vectors.
    /// - Throws: `ModelError` where the two vocabularies share nothing or leave the map undetermined,
    ///   `LinearAlgebraError` without OpenBLAS, or what reading the models throws.
    public init(from source: StoredModel, to target: StoredModel) throws {
        try self.init(
            from: BridgeEnd(source, tokenizer: source.makeTokenizer()),
            to: BridgeEnd(target, tokenizer: target.makeTokenizer()))
    }

    init(from source: BridgeEnd, to target: BridgeEnd) throws {
        let (sourceRows, targetRows) = (source.vocabularySize, target.vocabularySize)
        pairs = try source.tokenizer.sharedTokens(with: target.tokenizer)
            .filter { $0.own.index < sourceRows && $0.other.index < targetRows }
        guard !pairs.isEmpty else { throw ModelError.nothingShared(source.path, target.path) }
        sharedTokens = pairs.count
        let x = BridgeRows(
            tensor: try source.weights.tensor(.outputHead), ids: pairs.map(\.own.index), scale: 1)
        let y = BridgeRows(
            tensor: try target.weights.tensor(.tokenEmbedding), ids: pairs.map(\.other.index),
            scale: target.weights.configuration.embeddingScale)
        var system = try RidgeSystem(width: x.width, targets: .rows(width: y.width))
        BridgeRows.forEachBlock(x, y) { system.add(rows: $2, predictors: $0, targets: $1) }
        let solution = try system.solved(lambda: AlignmentMatrix.usualLambda)
        residual = try Self.residual(of: solution, x, y)
        matrix = AlignmentMatrix(transposed: solution.map { Float($0) }, inputs: x.width)
    }

    /// Maps a hidden state.
    ///
    /// - Parameters:
    ///   - hidden: a state after the source's final norm, [inputs].
    ///   - norm: the norm of the result: the target's mean effective embedding norm.
    /// - Returns: a vector for the target, [outputs].
    public func map(_ hidden: [Float], norm: Float) -> [Float] {
        var vector = project(hidden)
        vector.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            stk_scale(norm / max(stk_norm(base, buffer.count), 1e-6), base, buffer.count)
        }
        return vector
    }

    /// Maps a hidden state and leaves its length as it comes out: `h W`.
    package func project(_ hidden: [Float]) -> [Float] { hidden.withUnsafeBufferPointer { matrix($0) } }

    /// `‖X W − Y‖ / ‖Y‖`, from the rows themselves: from the sums it would drown in their rounding.
    private static func residual(of solution: [Double], _ x: BridgeRows, _ y: BridgeRows) throws -> Double {
        let blas = try OpenBLAS.open(threads: 1)
        var (difference, size) = (0.0, 0.0)
        let (n, m) = (Int32(x.width), Int32(y.width))
        BridgeRows.forEachBlock(x, y) { x, y, rows in
            let count = rows * Int(m)
            for place in 0..<count { size += y[place] * y[place] }
            blas.onOneThread {
                blas.dgemm(
                    BridgeRows.rowMajor, BridgeRows.plain, BridgeRows.transposed, Int32(rows), m, n, 1, x, n, solution,
                    n, -1, y, m)
            }
            for place in 0..<count { difference += y[place] * y[place] }
        }
        return size > 0 ? (difference / size).squareRoot() : 0
    }
}
