internal import CStoaKernels
internal import StoaModel
internal import StoaTensor

extension LayerPass {
    private var activation: stk_train_gate { shape.activation == .silu ? STK_TRAIN_SILU : STK_TRAIN_GELU_TANH }

    /// output = middle + down(f(gate) * up) of norm(middle).
    func feedForward() {
        let width = shape.width
        normalise(tape.middle.base, layer.feedForwardNorm, into: memory.normed.base, rows: rows, width: width)
        let x = memory.normed.base
        multiply([
            forwardProduct(.gate, layer.gate, x: x, bias: nil, into: tape.gate.base),
            forwardProduct(.up, layer.up, x: x, bias: nil, into: tape.up.base),
        ])
        let product = memory.wide.base
        stk_train_gate_multiply(
            pool.pointer, activation, tape.gate.base, tape.up.base, product, rows * shape.feedForwardWidth)
        if let norm = layer.postFeedForwardNorm {
            multiply([forwardProduct(.down, layer.down, x: product, bias: nil, into: tape.rawFeedForward.base)])
            normalise(tape.rawFeedForward.base, norm, into: output, rows: rows, width: width)
            stk_train_add(pool.pointer, tape.middle.base, output, rows * width)
        } else {
            output.update(from: tape.middle.base, count: rows * width)
            multiply([forwardProduct(.down, layer.down, x: product, bias: nil, into: output, accumulates: true)])
        }
    }

    /// The gradient of `feedForward`: the residual gradient, which is that of output, becomes that of middle.
    ///
    /// The tape's gate and up become their own gradients.
    func feedForwardBack() {
        let width = shape.width
        let residual = memory.residualGradient.base
        var dy = UnsafePointer(residual)
        if let norm = layer.postFeedForwardNorm {
            normaliseBack(
                tape.rawFeedForward.base, norm, dy: residual, into: memory.gradientNarrow.base, rows: rows,
                width: width,
                accumulates: false)
            dy = UnsafePointer(memory.gradientNarrow.base)
        }
        let product = memory.wide.base
        let elements = rows * shape.feedForwardWidth
        stk_train_gate_multiply(pool.pointer, activation, tape.gate.base, tape.up.base, product, elements)
        let productGradient = memory.gradientWide.base
        multiply([
            MatrixProduct(
                terms: backwardTerms(.down, layer.down, x: product, dy: dy, slot: 0), y: productGradient,
                outputs: shape.feedForwardWidth)
        ])
        stk_train_gate_gradient(pool.pointer, activation, tape.gate.base, tape.up.base, productGradient, elements)
        let x = memory.normed.base
        normalise(tape.middle.base, layer.feedForwardNorm, into: x, rows: rows, width: width)
        let terms =
            backwardTerms(.gate, layer.gate, x: x, dy: tape.gate.base, slot: 0)
            + backwardTerms(.up, layer.up, x: x, dy: tape.up.base, slot: 1)
        multiply([MatrixProduct(terms: terms, y: memory.gradientNarrow.base, outputs: width)])
        normaliseBack(
            tape.middle.base, layer.feedForwardNorm, dy: memory.gradientNarrow.base, into: residual, rows: rows,
            width: width, accumulates: true)
    }
}
