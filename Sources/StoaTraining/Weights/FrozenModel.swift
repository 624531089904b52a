internal import CStoaKernels
internal import StoaCore
internal import StoaModel
internal import StoaTensor

/// One decoder layer of the base model, in the precision of training.
struct FrozenLayer {
    let attentionNorm: AlignedBuffer<Float>
    let query: FrozenMatrix
    let key: FrozenMatrix
    let value: FrozenMatrix
    let output: FrozenMatrix
    let queryBias: AlignedBuffer<Float>?
    let keyBias: AlignedBuffer<Float>?
    let valueBias: AlignedBuffer<Float>?
    let outputBias: AlignedBuffer<Float>?
    let queryNorm: AlignedBuffer<Float>?
    let keyNorm: AlignedBuffer<Float>?
    let postAttentionNorm: AlignedBuffer<Float>?
    let feedForwardNorm: AlignedBuffer<Float>
    let gate: FrozenMatrix
    let up: FrozenMatrix
    let down: FrozenMatrix
    let postFeedForwardNorm: AlignedBuffer<Float>?
}

/// The base model as training reads it: no number of it ever changes.
///
/// Memory: 4 bytes a weight in `float32`, 2 in `bfloat16`.
final class FrozenModel {
    let configuration: ModelConfiguration
    let precision: MatrixPrecision
    let layers: [FrozenLayer]
    let finalNorm: AlignedBuffer<Float>
    let head: FrozenMatrix
    /// Token embeddings in the file's own format: rows are read one at a time.
    private let embedding: WeightTensor

    /// Reads a model.
    ///
    /// - Parameters:
    ///   - source: the stored weights.
    ///   - precision: how matrices are kept.
    ///   - pool: the workers.
    /// - Throws: `TrainingError` where the model has a shape that training does not do; `WeightFileError` for a tensor that
    ///   is missing or has another shape.
    init(_ source: ModelWeights, precision: MatrixPrecision, pool: KernelPool) throws {
        configuration = source.configuration
        self.precision = precision
        try Self.checkWidths(source)
        let reader = FrozenReader(source: source, precision: precision, pool: pool)
        layers = try (0..<source.configuration.layers).map { try reader.layer($0) }
        finalNorm = try reader.vector(.finalNorm, offset: source.configuration.normWeightOffset)
        head = try reader.matrix(.outputHead)
        embedding = try source.tensor(.tokenEmbedding)
    }

    private static func checkWidths(_ source: ModelWeights) throws(TrainingError) {
        let shape = source.configuration
        let widths = [
            ("model width", shape.width), ("head width", shape.headWidth),
            ("feed-forward width", shape.feedForwardWidth),
        ]
        for (name, width) in widths where !width.isMultiple(of: 16) {
            throw TrainingError(
                .unusableModel,
                "model \(source.source.path): \(name) is \(width), training needs a multiple of 16")
        }
    }

    /// Reads the effective (scaled) embeddings of tokens. [count, width]
    func readEmbeddings(_ tokens: [TokenID], into target: UnsafeMutablePointer<Float>) {
        let width = configuration.width
        for (row, token) in tokens.enumerated() {
            let place = UnsafeMutableBufferPointer(start: target + row * width, count: width)
            embedding.dequantiseRows(token.index..<token.index + 1, into: place)
        }
        if configuration.embeddingScale != 1 { stk_scale(configuration.embeddingScale, target, tokens.count * width) }
    }
}

/// Reads the tensors of one model by role.
private struct FrozenReader {
    let source: ModelWeights
    let precision: MatrixPrecision
    let pool: KernelPool

    func matrix(_ role: TensorRole) throws -> FrozenMatrix {
        FrozenMatrix(
            try source.tensor(role), permutation: source.rowPermutation(role), precision: precision, pool: pool)
    }

    func vector(_ role: TensorRole, offset: Float = 0) throws -> AlignedBuffer<Float> {
        let stored = try source.tensor(role).dequantised()
        let permutation = source.rowPermutation(role)
        let buffer = AlignedBuffer<Float>(count: stored.count)
        for index in stored.indices {
            buffer.elements[index] = stored[permutation.map { Int($0[index]) } ?? index] + offset
        }
        return buffer
    }

    func layer(_ index: Int) throws -> FrozenLayer {
        let present = Set(source.roles(layer: index))
        let offset = source.configuration.normWeightOffset
        func optional(_ tensor: TensorRole.LayerTensor, offset: Float = 0) throws -> AlignedBuffer<Float>? {
            present.contains(.layer(index, tensor)) ? try vector(.layer(index, tensor), offset: offset) : nil
        }
        return FrozenLayer(
            attentionNorm: try vector(.layer(index, .attentionNorm), offset: offset),
            query: try matrix(.layer(index, .query)), key: try matrix(.layer(index, .key)),
            value: try matrix(.layer(index, .value)), output: try matrix(.layer(index, .attentionOutput)),
            queryBias: try optional(.queryBias), keyBias: try optional(.keyBias), valueBias: try optional(.valueBias),
            outputBias: try optional(.attentionOutputBias), queryNorm: try optional(.queryNorm, offset: offset),
            keyNorm: try optional(.keyNorm, offset: offset),
            postAttentionNorm: try optional(.postAttentionNorm, offset: offset),
            feedForwardNorm: try vector(.layer(index, .feedForwardNorm), offset: offset),
            gate: try matrix(.layer(index, .gate)), up: try matrix(.layer(index, .up)),
            down: try matrix(.layer(index, .down)),
            postFeedForwardNorm: try optional(.postFeedForwardNorm, offset: offset))
    }
}
