internal import CStoaKernels
internal import StoaCore
internal import StoaModel
internal import StoaTensor

/// Log-probabilities of chosen tokens, and their gradient, without ever holding all logits.
///
/// The vocabulary is taken in tiles: forwards each gives every row a maximum and a sum of exponentials; backwards its logits
/// become their own gradient. As many tiles as there is room for are kept until then, the others are computed again.
/// Names: S scored rows, D width, V vocabulary.
///
/// Determinism: a row's numbers depend on the row alone; tiles are joined in order, in double precision.
final class LogProbabilityHead {
    /// Rows of the head's matrix that make a tile.
    static let tile = 2048

    private let model: FrozenModel
    private let pool: KernelPool
    /// The most logits that are kept.
    private let keptLogits: Int
    /// What the last forward pass left for the backward pass.
    private var rows = 0
    private var targets: [Int32] = []
    private var maximum: [Float] = []
    private var inverse: [Float] = []
    /// The kept tiles, then room for one of the others.
    private var logits = AlignedBuffer<Float>(count: 0)
    /// Tiles from the first on that are kept.
    private var keptTiles = 0

    init(model: FrozenModel, pool: KernelPool, keptLogits: Int) {
        self.model = model
        self.keptLogits = keptLogits
        self.pool = pool
    }

    /// log p(target) of each row.
    ///
    /// - Parameters:
    ///   - hidden: hidden states after the final norm. [S, D]
    ///   - targets: a token for each row.
    /// - Returns: natural logarithms. [S]
    func logProbabilities(_ hidden: UnsafePointer<Float>, targets: [Int32]) -> [Double] {
        rows = targets.count
        self.targets = targets
        makeRoom()
        var chosen = [Float](repeating: 0, count: rows)
        var tileMaximum = [Float](repeating: 0, count: rows)
        var tileSum = [Double](repeating: 0, count: rows)
        var greatest = [Float](repeating: -.infinity, count: rows)
        var sums = [Double](repeating: 0, count: rows)
        forEachTile { range in
            multiplyTile(range, hidden)
            withTile(range) { tile in
                stk_train_logits_measure(pool.pointer, &tile, &tileMaximum, &tileSum, &chosen)
            }
            for row in 0..<rows {
                let joint = max(greatest[row], tileMaximum[row])
                sums[row] =
                    sums[row] * PortableMath.exp(Double(greatest[row] - joint))
                    + tileSum[row] * PortableMath.exp(Double(tileMaximum[row] - joint))
                greatest[row] = joint
            }
        }
        maximum = greatest
        inverse = sums.map { Float(1 / $0) }
        return (0..<rows).map { Double(chosen[$0]) - (Double(greatest[$0]) + PortableMath.log(sums[$0])) }
    }

    /// The gradient of the hidden states of the last `logProbabilities`.
    ///
    /// - Parameters:
    ///   - hidden: the same hidden states. [S, D]
    ///   - upstream: the loss's derivative with respect to each log-probability. [S]
    ///   - gradient: is written. [S, D]
    func backward(
        _ hidden: UnsafePointer<Float>, upstream: [Float], into gradient: UnsafeMutablePointer<Float>
    ) {
        precondition(upstream.count == rows, "one derivative for each log-probability")
        forEachTile { range in
            if !isKept(range) { multiplyTile(range, hidden) }
            withTile(range) { tile in
                stk_train_logits_gradient(pool.pointer, &tile, maximum, inverse, upstream)
            }
            let term = ProductTerm(
                x: place(of: range), stride: range.count, matrix: model.head.view(rows: range), isTransposed: false)
            pool.multiply(
                [
                    MatrixProduct(
                        terms: [term], y: gradient, outputs: model.configuration.width,
                        accumulates: range.lowerBound > 0)
                ], rows: rows, precision: model.precision)
        }
    }

    /// Makes room for the tiles of `rows` rows.
    private func makeRoom() {
        let size = max(1, rows * Self.tile)
        let tiles = (model.configuration.vocabularySize + Self.tile - 1) / Self.tile
        // Measuring puts a cap on logits in place, so that capped ones have to be computed again.
        keptTiles = model.configuration.finalSoftCap == nil ? min(tiles, keptLogits / size) : 0
        let count = size * min(tiles, keptTiles + 1)
        if logits.count < count { logits = AlignedBuffer(count: count) }
    }

    private func isKept(_ range: Range<Int>) -> Bool { range.lowerBound / Self.tile < keptTiles }

    private func place(of range: Range<Int>) -> UnsafeMutablePointer<Float> {
        logits.base + min(range.lowerBound / Self.tile, keptTiles) * rows * Self.tile
    }

    private func forEachTile(_ body: (Range<Int>) -> Void) {
        let vocabulary = model.configuration.vocabularySize
        for first in stride(from: 0, to: vocabulary, by: Self.tile) { body(first..<min(first + Self.tile, vocabulary)) }
    }

    private func multiplyTile(_ range: Range<Int>, _ hidden: UnsafePointer<Float>) {
        let term = ProductTerm(
            x: hidden, stride: model.configuration.width, matrix: model.head.view(rows: range), isTransposed: true)
        pool.multiply(
            [MatrixProduct(terms: [term], y: place(of: range), outputs: range.count)], rows: rows,
            precision: model.precision
        )
    }

    private func withTile(_ range: Range<Int>, _ body: (inout stk_train_logits) -> Void) {
        targets.withUnsafeBufferPointer { targets in
            guard let base = targets.baseAddress else { return }
            var tile = stk_train_logits(
                logits: place(of: range), stride: range.count, m: rows, first: range.lowerBound, count: range.count,
                soft_cap: model.configuration.finalSoftCap ?? 0, targets: base)
            body(&tile)
        }
    }
}
