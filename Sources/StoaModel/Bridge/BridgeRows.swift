internal import COpenBLAS
internal import CStoaKernels
internal import StoaTensor
internal import StoaText

/// One of the two models of a bridge: its weights on disk and its vocabulary.
struct BridgeEnd: Sendable {
    let path: String
    let weights: ModelWeights
    let tokenizer: Tokenizer

    init(_ stored: StoredModel, tokenizer: Tokenizer) {
        path = stored.path
        weights = stored.weights
        self.tokenizer = tokenizer
    }

    /// Rows of the embedding.
    var vocabularySize: Int { weights.configuration.vocabularySize }
}

/// Some rows of a tensor, expanded block by block.
struct BridgeRows {
    static let rowMajor = Int32(STB_ROW_MAJOR)
    static let plain = Int32(STB_NO_TRANS)
    static let transposed = Int32(STB_TRANS)
    /// Rows of one block.
    private static let block = 1024

    let tensor: WeightTensor
    let ids: [Int]
    /// What every number is multiplied by.
    let scale: Float

    /// Width of a row.
    var width: Int { tensor.columns }

    /// Expands rows of the list.
    ///
    /// - Parameters:
    ///   - range: which entries of `ids`.
    ///   - target: [range.count, width].
    func read(_ range: Range<Int>, into target: AlignedBuffer<Float>) {
        let (base, width) = (target.base, width)
        for (place, index) in range.enumerated() {
            let row = UnsafeMutableBufferPointer(start: base + place * width, count: width)
            tensor.dequantiseRows(ids[index]..<ids[index] + 1, into: row)
        }
        if scale != 1 { stk_scale(scale, base, range.count * width) }
    }

    /// Goes through two equally long lists of rows.
    ///
    /// - Parameters:
    ///   - x: the first rows.
    ///   - y: the second rows.
    ///   - body: is given [rows, x.width], [rows, y.width] and the number of rows; may write into both.
    static func forEachBlock(
        _ x: BridgeRows, _ y: BridgeRows,
        _ body: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, Int) -> Void
    ) {
        let floats = AlignedBuffer<Float>(count: block * max(x.width, y.width))
        let (first, second) = (
            AlignedBuffer<Double>(count: block * x.width), AlignedBuffer<Double>(count: block * y.width)
        )
        for start in stride(from: 0, to: x.ids.count, by: block) {
            let range = start..<min(start + block, x.ids.count)
            for (rows, doubles) in [(x, first), (y, second)] {
                rows.read(range, into: floats)
                let (from, to) = (floats.base, doubles.base)
                for place in 0..<range.count * rows.width { to[place] = Double(from[place]) }
            }
            body(first.base, second.base, range.count)
        }
    }
}
