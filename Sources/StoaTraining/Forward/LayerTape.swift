internal import StoaModel

/// What the backward pass must know of one layer's forward pass.
///
/// What is cheap to compute again (norms, the gate's product) is not kept.
/// Shape: [M, …] each; D width, F feed-forward width, H heads.
final class LayerTape {
    /// The residual stream behind attention. [D]
    let middle: FloatArena.Slice
    /// Queries and keys as attention takes them, values. [query width], [key width]
    let query: FloatArena.Slice
    let key: FloatArena.Slice
    let value: FloatArena.Slice
    /// Queries and keys before their norms, where there are any.
    let rawQuery: FloatArena.Slice
    let rawKey: FloatArena.Slice
    /// The output of attention before the output matrix. [query width]
    let attended: FloatArena.Slice
    /// Each softmax's maximum and the inverse of its sum. [H]
    let maximum: FloatArena.Slice
    let inverse: FloatArena.Slice
    /// The two halves of the feed-forward part. [F]
    let gate: FloatArena.Slice
    let up: FloatArena.Slice
    /// What goes into norms that come after a part. [D]
    let rawAttention: FloatArena.Slice
    let rawFeedForward: FloatArena.Slice
    /// u of each adapted matrix, in the order of `AdapterTarget.allCases`. [P]
    let lowRank: [FloatArena.Slice]

    private let arena: FloatArena

    init(_ shape: ModelConfiguration, rows: Int, paddedRank: Int) {
        let normed = shape.queryKeyNorm ? 1 : 0
        let posted = shape.postNorms ? 1 : 0
        let widths =
            [shape.width, shape.queryWidth, shape.keyWidth, shape.keyWidth, normed * shape.queryWidth]
            + [normed * shape.keyWidth, shape.queryWidth, shape.heads, shape.heads, shape.feedForwardWidth]
            + [shape.feedForwardWidth, posted * shape.width, posted * shape.width]
        let targets = AdapterTarget.allCases
        arena = FloatArena((widths + targets.map { _ in paddedRank }).map { $0 * rows })
        let slices = widths.map { [arena] width in arena.take(width * rows) }
        middle = slices[0]
        query = slices[1]
        key = slices[2]
        value = slices[3]
        rawQuery = slices[4]
        rawKey = slices[5]
        attended = slices[6]
        maximum = slices[7]
        inverse = slices[8]
        gate = slices[9]
        up = slices[10]
        rawAttention = slices[11]
        rawFeedForward = slices[12]
        lowRank = targets.map { [arena] _ in arena.take(paddedRank * rows) }
    }

    /// u of a target.
    func lowRank(_ target: AdapterTarget) -> UnsafeMutablePointer<Float> {
        lowRank[AdapterTarget.allCases.firstIndex(of: target) ?? 0].base
    }
}
