internal import CStoaKernels
internal import StoaModel
internal import StoaTensor

/// One layer of one pass: everything that its forward and backward parts read and write.
///
/// The parts are in files of their own: `LayerPass+Attention`, `LayerPass+FeedForward`.
struct LayerPass {
    let model: FrozenModel
    let layer: FrozenLayer
    let index: Int
    let adapter: AdapterState?
    let batch: PackedBatch
    let memory: PassMemory
    let tape: LayerTape
    let rotary: RotaryFactors
    let pool: KernelPool

    var shape: ModelConfiguration { model.configuration }
    var rows: Int { batch.rows }
    var input: UnsafeMutablePointer<Float> { memory.residuals[index].base }
    var output: UnsafeMutablePointer<Float> { memory.residuals[index + 1].base }

    func module(_ target: AdapterTarget) -> LowRankModule? { adapter?.module(layer: index, target) }

    func multiply(_ products: [MatrixProduct]) {
        pool.multiply(products, rows: rows, precision: model.precision)
    }

    /// norm(x) * weight. [M, D]
    func normalise(
        _ x: UnsafePointer<Float>, _ weight: AlignedBuffer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int,
        width: Int
    ) {
        stk_rms_norm(pool.pointer, x, width, weight.base, shape.rmsEpsilon, rows, width, y, width)
    }

    /// dx (+)= the gradient of `normalise`. [M, D]
    func normaliseBack(
        _ x: UnsafePointer<Float>, _ weight: AlignedBuffer<Float>, dy: UnsafePointer<Float>,
        into dx: UnsafeMutablePointer<Float>, rows: Int, width: Int, accumulates: Bool
    ) {
        stk_train_rms_norm_gradient(
            pool.pointer, x, width, weight.base, shape.rmsEpsilon, rows, width, dy, width, dx, width,
            accumulates ? 1 : 0)
    }

    /// The product of an adapted matrix, with its low-rank part.
    func forwardProduct(
        _ target: AdapterTarget, _ matrix: FrozenMatrix, x: UnsafePointer<Float>, bias: AlignedBuffer<Float>?,
        into y: UnsafeMutablePointer<Float>, accumulates: Bool = false
    ) -> MatrixProduct {
        var terms = [matrix.forwardTerm(x)]
        if let module = module(target) {
            let u = tape.lowRank(target)
            module.project(x, rows: rows, into: u, pool: pool)
            terms.append(module.forwardTerm(u))
        }
        return MatrixProduct(
            terms: terms, bias: bias.map { UnsafePointer($0.base) }, y: y, outputs: matrix.rows,
            accumulates: accumulates)
    }

    /// The terms that lead from a matrix's output gradient to its input gradient; adds the adapter's own gradients.
    ///
    /// - Parameters:
    ///   - target: the matrix.
    ///   - matrix: its frozen part.
    ///   - x: its inputs.
    ///   - dy: the gradient of its outputs.
    ///   - slot: which g to use; not to be used again before the terms are multiplied.
    /// - Returns: terms to be summed.
    func backwardTerms(
        _ target: AdapterTarget, _ matrix: FrozenMatrix, x: UnsafePointer<Float>, dy: UnsafePointer<Float>, slot: Int
    ) -> [ProductTerm] {
        var terms = [matrix.backwardTerm(dy)]
        if let module = module(target) {
            let g = memory.lowRankGradients[slot].base
            module.projectBack(dy, rows: rows, into: g, pool: pool)
            module.addGradients(
                x: x, u: tape.lowRank(target), dy: dy, g: g, rows: rows, turned: memory.turned.base, pool: pool)
            terms.append(module.backwardTerm(g))
        }
        return terms
    }
}
