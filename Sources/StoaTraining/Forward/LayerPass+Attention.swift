internal import CStoaKernels
internal import StoaModel
internal import StoaTensor

extension LayerPass {
    /// middle = input + attention(norm(input)).
    func attend() {
        let width = shape.width
        normalise(input, layer.attentionNorm, into: memory.normed.base, rows: rows, width: width)
        let query = shape.queryKeyNorm ? tape.rawQuery : tape.query
        let key = shape.queryKeyNorm ? tape.rawKey : tape.key
        let x = memory.normed.base
        multiply([
            forwardProduct(.query, layer.query, x: x, bias: layer.queryBias, into: query.base),
            forwardProduct(.key, layer.key, x: x, bias: layer.keyBias, into: key.base),
            forwardProduct(.value, layer.value, x: x, bias: layer.valueBias, into: tape.value.base),
        ])
        if let norm = layer.queryNorm {
            normalise(query.base, norm, into: tape.query.base, rows: rows * shape.heads, width: shape.headWidth)
        }
        if let norm = layer.keyNorm {
            normalise(key.base, norm, into: tape.key.base, rows: rows * shape.keyValueHeads, width: shape.headWidth)
        }
        rotate(tape.query.base, heads: shape.heads, isInverse: false)
        rotate(tape.key.base, heads: shape.keyValueHeads, isInverse: false)
        withAttention { attention in
            stk_train_attend(pool.pointer, &attention, tape.attended.base, tape.maximum.base, tape.inverse.base)
        }
        if let norm = layer.postAttentionNorm {
            multiply([
                forwardProduct(
                    .output, layer.output, x: tape.attended.base, bias: layer.outputBias, into: tape.rawAttention.base)
            ])
            normalise(tape.rawAttention.base, norm, into: tape.middle.base, rows: rows, width: width)
            stk_train_add(pool.pointer, input, tape.middle.base, rows * width)
        } else {
            tape.middle.base.update(from: input, count: rows * width)
            multiply([
                forwardProduct(
                    .output, layer.output, x: tape.attended.base, bias: layer.outputBias, into: tape.middle.base,
                    accumulates: true)
            ])
        }
    }

    /// The gradient of `attend`: the residual gradient, which is that of middle, becomes that of input.
    ///
    /// - Parameter needsInput: whether a layer below needs it; else only the adapter's gradients are added.
    func attendBack(needsInput: Bool) {
        let residual = memory.residualGradient.base
        var dy = UnsafePointer(residual)
        if let norm = layer.postAttentionNorm {
            normaliseBack(
                tape.rawAttention.base, norm, dy: residual, into: memory.gradientNarrow.base, rows: rows,
                width: shape.width, accumulates: false)
            dy = UnsafePointer(memory.gradientNarrow.base)
        }
        let attendedGradient = memory.gradientWide.base
        multiply([
            MatrixProduct(
                terms: backwardTerms(.output, layer.output, x: tape.attended.base, dy: dy, slot: 0),
                y: attendedGradient,
                outputs: shape.queryWidth)
        ])
        withAttention { attention in
            stk_train_attend_gradient(
                pool.pointer, &attention, tape.attended.base, tape.maximum.base, tape.inverse.base, attendedGradient,
                memory.queryGradient.base, memory.keyGradient.base, memory.valueGradient.base)
        }
        projectionsBack(needsInput: needsInput)
    }

    /// From the gradients of rotated queries, keys and values to that of the layer's input.
    private func projectionsBack(needsInput: Bool) {
        let width = shape.width
        rotate(memory.queryGradient.base, heads: shape.heads, isInverse: true)
        rotate(memory.keyGradient.base, heads: shape.keyValueHeads, isInverse: true)
        var dq = memory.queryGradient.base
        var dk = memory.keyGradient.base
        if let norm = layer.queryNorm {
            // What attention's gradient came in is free again.
            dq = memory.gradientWide.base
            normaliseBack(
                tape.rawQuery.base, norm, dy: memory.queryGradient.base, into: dq, rows: rows * shape.heads,
                width: shape.headWidth, accumulates: false)
        }
        if let norm = layer.keyNorm {
            dk = memory.wide.base
            normaliseBack(
                tape.rawKey.base, norm, dy: memory.keyGradient.base, into: dk, rows: rows * shape.keyValueHeads,
                width: shape.headWidth, accumulates: false)
        }
        let x = memory.normed.base
        normalise(input, layer.attentionNorm, into: x, rows: rows, width: width)
        let terms =
            backwardTerms(.query, layer.query, x: x, dy: dq, slot: 0)
            + backwardTerms(.key, layer.key, x: x, dy: dk, slot: 1)
            + backwardTerms(.value, layer.value, x: x, dy: memory.valueGradient.base, slot: 2)
        guard needsInput else { return }
        multiply([MatrixProduct(terms: terms, y: memory.gradientNarrow.base, outputs: width)])
        normaliseBack(
            input, layer.attentionNorm, dy: memory.gradientNarrow.base, into: memory.residualGradient.base, rows: rows,
            width: width, accumulates: true)
    }

    private func rotate(_ x: UnsafeMutablePointer<Float>, heads: Int, isInverse: Bool) {
        stk_train_rotate(
            pool.pointer, rotary.factors.base, rotary.dimensions, batch.positions, rows, x, heads, shape.headWidth,
            isInverse ? 1 : 0)
    }

    private func withAttention(_ body: (inout stk_train_attention) -> Void) {
        batch.offsets.withUnsafeBufferPointer { offsets in
            guard let base = offsets.baseAddress else { return }
            base.withMemoryRebound(to: size_t.self, capacity: offsets.count) { base in
                var attention = stk_train_attention(
                    heads: shape.heads, kv_heads: shape.keyValueHeads, head_dim: shape.headWidth,
                    scale: shape.attentionScale, soft_cap: shape.attentionSoftCap ?? 0,
                    window: Int32(shape.window(layer: index)), offsets: base, sequences: offsets.count - 1,
                    q: UnsafePointer(tape.query.base), k: UnsafePointer(tape.key.base),
                    v: UnsafePointer(tape.value.base))
                body(&attention)
            }
        }
    }
}
