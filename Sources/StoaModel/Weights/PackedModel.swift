internal import CStoaKernels
internal import StoaCore
internal import StoaTensor

/// The matrices of one decoder layer, packed for the kernels.
///
/// Shape: [outputs, inputs] each.
struct PackedLayer {
    var attentionNorm: AlignedBuffer<Float>
    var query: stk_matrix
    var key: stk_matrix
    var value: stk_matrix
    var output: stk_matrix
    var queryBias: AlignedBuffer<Float>?
    var keyBias: AlignedBuffer<Float>?
    var valueBias: AlignedBuffer<Float>?
    var outputBias: AlignedBuffer<Float>?
    /// Norms over each head of queries and keys, before rotation (qwen3, gemma3). [headWidth]
    var queryNorm: AlignedBuffer<Float>?
    var keyNorm: AlignedBuffer<Float>?
    /// A norm on the attention output before it joins the residual stream (gemma3).
    var postAttentionNorm: AlignedBuffer<Float>?
    var feedForwardNorm: AlignedBuffer<Float>
    var gate: stk_matrix
    var up: stk_matrix
    var down: stk_matrix
    /// A norm on the feed-forward output before it joins the residual stream (gemma3).
    var postFeedForwardNorm: AlignedBuffer<Float>?
}

/// A model in memory: everything that a forward pass reads and nothing that it writes.
///
/// `@unchecked Sendable`: immutable after loading, but for rotary tables and norms that are made on the lane.
package final class PackedModel: @unchecked Sendable {
    /// The shape of the model.
    package let configuration: ModelConfiguration
    /// Token embeddings in the file's own format: rows are read one at a time.
    let embedding: WeightTensor
    let layers: [PackedLayer]
    let finalNorm: AlignedBuffer<Float>
    let head: stk_matrix
    /// Rotary factors of global layers first, then those of local layers where there are any.
    let ropes: [RopeTable]
    /// See `NearestRowSearch`; made on the lane when first looked for.
    var knownInverseNorms: AlignedBuffer<Float>?
    /// Keeps the packed matrices alive.
    private let arena: AlignedBuffer<UInt8>

    init(
        configuration: ModelConfiguration, embedding: WeightTensor, layers: [PackedLayer],
        finalNorm: AlignedBuffer<Float>, head: stk_matrix, ropes: [RopeTable], arena: AlignedBuffer<UInt8>
    ) {
        self.configuration = configuration
        self.embedding = embedding
        self.layers = layers
        self.finalNorm = finalNorm
        self.head = head
        self.ropes = ropes
        self.arena = arena
    }

    /// Bytes of packed matrices.
    package var packedBytes: Int { arena.count }

    /// Reads one token's effective (scaled) embedding. [width]
    func readEmbedding(of id: TokenID, into target: UnsafeMutableBufferPointer<Float>) {
        guard let base = target.baseAddress else { return }
        if configuration.tiedHead {
            // The same numbers as in the file, without keeping the file's pages resident beside the packed ones.
            withUnsafePointer(to: head) { stk_unpack_row($0, id.index, base) }
        } else {
            embedding.dequantiseRows(id.index..<id.index + 1, into: target)
        }
        if configuration.embeddingScale != 1 { stk_scale(configuration.embeddingScale, base, target.count) }
    }

    /// The mean Euclidean norm of the effective embedding rows, over the whole vocabulary.
    ///
    /// Determinism: rows in order, summed in double precision.
    func meanEmbeddingNorm() -> Float {
        let width = configuration.width
        let block = AlignedBuffer<Float>(count: 256 * width)
        var sum = 0.0
        for first in stride(from: 0, to: configuration.vocabularySize, by: 256) {
            let rows = min(256, configuration.vocabularySize - first)
            embedding.dequantiseRows(first..<first + rows, into: block.elements)
            for row in 0..<rows { sum += Double(stk_norm(block.base + row * width, width)) }
            embedding.bytes.slice(first * embedding.rowBytes..<(first + rows) * embedding.rowBytes).advise(.dontNeed)
        }
        return Float(sum / Double(configuration.vocabularySize) * Double(configuration.embeddingScale))
    }
}
