internal import StoaModel
internal import StoaTensor

/// What is kept of a forward pass for the backward pass.
public enum ActivationPolicy: String, Sendable, Hashable, CaseIterable {
    /// Every matrix product's result: nothing is multiplied twice.
    case keep
    /// The input of each layer only; a layer runs again before its backward pass (checkpointing). About a tenth of the
    /// memory for a third more work.
    case recompute
}

/// The working memory of passes over up to `rows` rows, made once and used again.
final class PassMemory {
    let rows: Int
    /// The residual stream before each layer, and behind the last one. [layers + 1][M, D]
    let residuals: [FloatArena.Slice]
    private let arena: FloatArena
    /// One per layer, or one for all.
    private let tapes: [LayerTape]
    /// Scratch. [M, D], [M, D], [M, widest], [M, widest], [M, F]
    let normed: AlignedBuffer<Float>
    let gradientNarrow: AlignedBuffer<Float>
    let wide: AlignedBuffer<Float>
    let gradientWide: AlignedBuffer<Float>
    /// Gradients of queries, keys and values.
    let queryGradient: AlignedBuffer<Float>
    let keyGradient: AlignedBuffer<Float>
    let valueGradient: AlignedBuffer<Float>
    /// The gradient of the residual stream, on its way down. [M, D]
    let residualGradient: AlignedBuffer<Float>
    /// g of up to three matrices at a time, and room to turn one. [3][M, P], [P, M]
    let lowRankGradients: [AlignedBuffer<Float>]
    let turned: AlignedBuffer<Float>

    init(_ shape: ModelConfiguration, rows: Int, paddedRank: Int, policy: ActivationPolicy) {
        func buffer(_ width: Int) -> AlignedBuffer<Float> { AlignedBuffer(count: rows * width) }
        self.rows = rows
        let counts = (0...shape.layers).map { _ in rows * shape.width }
        arena = FloatArena(counts)
        residuals = counts.map { [arena] in arena.take($0) }
        tapes = (0..<(policy == .keep ? shape.layers : 1)).map { _ in
            LayerTape(shape, rows: rows, paddedRank: paddedRank)
        }
        let widest = max(shape.width, shape.queryWidth, shape.feedForwardWidth)
        normed = buffer(shape.width)
        gradientNarrow = buffer(shape.width)
        wide = buffer(widest)
        gradientWide = buffer(widest)
        queryGradient = buffer(shape.queryWidth)
        keyGradient = buffer(shape.keyWidth)
        valueGradient = buffer(shape.keyWidth)
        residualGradient = buffer(shape.width)
        lowRankGradients = (0..<3).map { _ in buffer(paddedRank) }
        turned = buffer(paddedRank)
    }

    func tape(layer: Int) -> LayerTape { tapes[tapes.count > 1 ? layer : 0] }
}
