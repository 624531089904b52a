internal import CStoaKernels
internal import StoaTensor

/// Working memory of a pass over up to `rows` rows, made once per model.
///
/// Shape: [rows, …] row-major each.
final class ForwardScratch {
    let rows: Int
    let residual: AlignedBuffer<Float>
    let normed: AlignedBuffer<Float>
    let query: AlignedBuffer<Float>
    let key: AlignedBuffer<Float>
    let value: AlignedBuffer<Float>
    let attended: AlignedBuffer<Float>
    let gate: AlignedBuffer<Float>
    let up: AlignedBuffer<Float>
    /// Rows that go through the head, [headRows, width], and their logits, [headRows, vocabulary].
    let headRows: Int
    let headInput: AlignedBuffer<Float>
    let logits: AlignedBuffer<Float>
    private let codes: AlignedBuffer<Int8>
    private let scales: AlignedBuffer<Float>
    private let sums: AlignedBuffer<Int32>

    init(_ shape: ModelConfiguration, rows: Int, headRows: Int) {
        self.rows = rows
        self.headRows = headRows
        let attentionWidth = shape.heads * shape.headWidth
        let kvWidth = shape.keyValueHeads * shape.headWidth
        residual = AlignedBuffer(count: rows * shape.width)
        normed = AlignedBuffer(count: rows * shape.width)
        query = AlignedBuffer(count: rows * attentionWidth)
        key = AlignedBuffer(count: rows * kvWidth)
        value = AlignedBuffer(count: rows * kvWidth)
        attended = AlignedBuffer(count: rows * attentionWidth)
        gate = AlignedBuffer(count: rows * shape.feedForwardWidth)
        up = AlignedBuffer(count: rows * shape.feedForwardWidth)
        headInput = AlignedBuffer(count: headRows * shape.width)
        logits = AlignedBuffer(count: headRows * shape.vocabularySize)
        let widest = (max(shape.width, attentionWidth, shape.feedForwardWidth) + 31) / 32 * 32
        let count = max(rows, headRows)
        codes = AlignedBuffer(count: count * widest)
        scales = AlignedBuffer(count: count * widest / 32)
        sums = AlignedBuffer(count: count * widest / 16)
    }

    /// The activations of `rows` rows of `x`, quantised where the precision works on codes.
    func activations(
        _ x: AlignedBuffer<Float>, rows: Int, width: Int, precision: stk_precision, pool: OpaquePointer
    ) -> stk_activations {
        var activations = stk_activations(
            x: x.base, stride: width, rows: rows, cols: width, codes: codes.base, scales: scales.base, sums: sums.base)
        if precision == STK_FAST { stk_quantise(pool, &activations) }
        return activations
    }
}
