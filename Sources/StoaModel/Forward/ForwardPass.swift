internal import CStoaKernels
internal import StoaCore
internal import StoaTensor

/// The forward pass of every architecture: what differs between them is in the configuration and in which weights exist.
///
/// One call takes the new inputs of several sequences at once; the matrix products run over all rows together,
/// attention runs per sequence. Rows do not influence each other across sequences, and the bits of a row do not depend
/// on what shares its pass. What an adapter changes is added behind each product, to the rows of its slices alone.
///
/// Isolation: one compute lane. Calls are synchronous; a call over `maximumRows` rows takes about 20 ms on a small model.
final class ForwardPass {
    let weights: PackedModel
    let precision: Precision
    let pages: KVPagePool
    /// The layers that are visited, in order (E4).
    ///
    /// A slot of the cache belongs to each visit.
    let program: [Int]
    private let pool: KernelPool
    let scratch: ForwardScratch
    /// Rows of the pass that are going on which have an adapter.
    private var adapted: [AdaptedRows] = []

    private var shape: ModelConfiguration { weights.configuration }
    private var kernelPrecision: stk_precision { precision == .exact ? STK_EXACT : STK_FAST }

    init(
        weights: PackedModel, precision: Precision, program: [Int], pages: KVPagePool, pool: KernelPool,
        scratch: ForwardScratch
    ) {
        self.weights = weights
        self.precision = precision
        self.program = program
        self.pages = pages
        self.pool = pool
        self.scratch = scratch
    }

    /// Rows that fit one call.
    var maximumRows: Int { scratch.rows }

    /// Runs the slices through the model; their caches grow by their inputs.
    ///
    /// - Parameters:
    ///   - slices: sequences with at least one input each and at most `maximumRows` inputs in all.
    ///   - emit: receives what was asked for, slice after slice, row after row.
    /// - Throws: `ModelError.cacheFull`, with no slice changed, where pages run out.
    func forward(_ slices: inout [ForwardSlice], emit: (RowOutput) throws -> Void) throws {
        let batch = try Batch(&slices, pages: pages)
        precondition(batch.rows <= maximumRows, "a pass over \(batch.rows) rows: at most \(maximumRows) fit")
        adapted = AdaptedRows.runs(of: slices)
        defer { adapted = [] }
        embed(slices)
        var captured: [Int: [Float]] = [:]
        let wanted = Set(slices.flatMap(\.outputs.residuals))
        let attention = AttentionCapture(slices)
        for (slot, layer) in program.enumerated() {
            attend(weights.layers[layer], layer: layer, slot: slot, batch: batch, capture: attention)
            feedForward(weights.layers[layer], layer: layer, rows: batch.rows)
            if wanted.contains(slot) {
                captured[slot] = Array(scratch.residual.elements[..<(batch.rows * shape.width)])
            }
        }
        try finish(slices, residuals: captured, attention: attention, emit: emit)
    }

    // MARK: - Parts of a layer

    private func embed(_ slices: [ForwardSlice]) {
        var row = 0
        for slice in slices {
            for input in slice.inputs {
                let target = UnsafeMutableBufferPointer(
                    rebasing: scratch.residual.elements[row * shape.width..<(row + 1) * shape.width])
                switch input {
                case .token(let id): weights.readEmbedding(of: id, into: target)
                case .embedding(let vector): _ = target.update(from: vector)
                }
                row += 1
            }
        }
    }

    private func attend(
        _ layer: PackedLayer, layer index: Int, slot: Int, batch: Batch, capture: AttentionCapture?
    ) {
        let rows = batch.rows
        let width = shape.width
        let attentionWidth = shape.heads * shape.headWidth
        let pool = pool.pointer
        stk_rms_norm(
            pool, scratch.residual.base, width, layer.attentionNorm.base, shape.rmsEpsilon, rows, width,
            scratch.normed.base, width)
        multiply(
            scratch.normed, rows: rows, width: width, layer: index,
            [
                Product(layer.query, bias: layer.queryBias, into: scratch.query, target: .query),
                Product(layer.key, bias: layer.keyBias, into: scratch.key, target: .key),
                Product(layer.value, bias: layer.valueBias, into: scratch.value, target: .value),
            ])
        if let norm = layer.queryNorm {
            stk_rms_norm(
                pool, scratch.query.base, shape.headWidth, norm.base, shape.rmsEpsilon, rows * shape.heads,
                shape.headWidth, scratch.query.base, shape.headWidth)
        }
        if let norm = layer.keyNorm {
            stk_rms_norm(
                pool, scratch.key.base, shape.headWidth, norm.base, shape.rmsEpsilon, rows * shape.keyValueHeads,
                shape.headWidth, scratch.key.base, shape.headWidth)
        }
        store(slot: slot, batch: batch)
        let isLocal = shape.isLocal(layer: index)
        let rope = weights.ropes[isLocal ? weights.ropes.count - 1 : 0]
        var rotary = rope.view(upTo: batch.positionEnd)
        for row in 0..<rows {
            stk_rotate(
                &rotary, batch.positions[row], scratch.query.base + row * attentionWidth, shape.heads, shape.headWidth)
        }
        let layout = pages.layout
        var parameters = stk_attention_layer(
            kv: layout.element == .float32 ? STK_KV_F32 : STK_KV_F16, heads: shape.heads, kv_heads: shape.keyValueHeads,
            head_dim: shape.headWidth, k_offset: layout.keyOffset(slot: slot), v_offset: layout.valueOffset(slot: slot),
            head_stride: layout.headStride, slot_stride: layout.rowStride, scale: shape.attentionScale,
            soft_cap: shape.attentionSoftCap ?? 0, window: Int32(shape.window(layer: index)), rope: rotary)
        batch.withQueries(q: scratch.query.base, out: scratch.attended.base, width: attentionWidth) { queries in
            stk_attend(pool, &parameters, queries.baseAddress.unsafelyUnwrapped, queries.count)
            capture?.add(queries, of: &parameters, pool: pool)
        }
        project(
            layer.output, bias: layer.outputBias, target: .output, layer: index, from: scratch.attended,
            width: attentionWidth, rows: rows, norm: layer.postAttentionNorm)
    }

    private func feedForward(_ layer: PackedLayer, layer index: Int, rows: Int) {
        let width = shape.width
        let hidden = shape.feedForwardWidth
        let pool = pool.pointer
        stk_rms_norm(
            pool, scratch.residual.base, width, layer.feedForwardNorm.base, shape.rmsEpsilon, rows, width,
            scratch.normed.base, width)
        multiply(
            scratch.normed, rows: rows, width: width, layer: index,
            [
                Product(layer.gate, into: scratch.gate, target: .gate),
                Product(layer.up, into: scratch.up, target: .up),
            ])
        switch shape.activation {
        case .silu: stk_silu_multiply(pool, scratch.gate.base, scratch.up.base, hidden, rows, hidden)
        case .geluTanh: stk_gelu_multiply(pool, scratch.gate.base, scratch.up.base, hidden, rows, hidden)
        }
        project(
            layer.down, target: .down, layer: index, from: scratch.gate, width: hidden, rows: rows,
            norm: layer.postFeedForwardNorm)
    }

    /// Adds `x Wᵀ` to the residual stream, through a norm where the architecture has one there.
    private func project(
        _ matrix: stk_matrix, bias: AlignedBuffer<Float>? = nil, target: AdapterTarget, layer: Int,
        from input: AlignedBuffer<Float>, width: Int, rows: Int, norm: AlignedBuffer<Float>?
    ) {
        guard let norm else {
            multiply(
                input, rows: rows, width: width, layer: layer,
                [Product(matrix, bias: bias, into: scratch.residual, accumulate: true, target: target)])
            return
        }
        multiply(
            input, rows: rows, width: width, layer: layer,
            [Product(matrix, bias: bias, into: scratch.normed, target: target)])
        stk_rms_norm(
            pool.pointer, scratch.normed.base, shape.width, norm.base, shape.rmsEpsilon, rows, shape.width,
            scratch.normed.base, shape.width)
        stk_add(scratch.normed.base, scratch.residual.base, rows * shape.width)
    }

    /// A matrix that the rows of a pass are multiplied by.
    private struct Product {
        let matrix: stk_matrix
        let bias: AlignedBuffer<Float>?
        let output: AlignedBuffer<Float>
        let accumulate: Bool
        /// What adapters call the matrix; nil where they know none such.
        let target: AdapterTarget?

        init(
            _ matrix: stk_matrix, bias: AlignedBuffer<Float>? = nil, into output: AlignedBuffer<Float>,
            accumulate: Bool = false, target: AdapterTarget? = nil
        ) {
            self.matrix = matrix
            self.bias = bias
            self.output = output
            self.accumulate = accumulate
            self.target = target
        }
    }

    private func multiply(
        _ input: AlignedBuffer<Float>, rows: Int, width: Int, layer: Int? = nil, _ products: [Product]
    ) {
        var activations = scratch.activations(
            input, rows: rows, width: width, precision: kernelPrecision, pool: pool.pointer)
        withUnsafeTemporaryAllocation(of: stk_matrix.self, capacity: products.count) { matrices in
            withUnsafeTemporaryAllocation(of: stk_product.self, capacity: products.count) { jobs in
                guard let matrixBase = matrices.baseAddress, let jobBase = jobs.baseAddress else { return }
                for (index, item) in products.enumerated() {
                    (matrixBase + index).initialize(to: item.matrix)
                    (jobBase + index).initialize(
                        to: stk_product(
                            w: matrixBase + index, bias: item.bias.map { UnsafePointer($0.base) }, y: item.output.base,
                            stride: item.matrix.rows, accumulate: item.accumulate ? 1 : 0))
                }
                withChanges(of: layer, to: products) { changes in
                    stk_multiply_changed(
                        pool.pointer, kernelPrecision, &activations, jobBase, products.count, changes.baseAddress,
                        changes.count)
                }
            }
        }
    }

    /// Gives what adapters change of some products: for the rows that have an adapter, and for no others.
    private func withChanges(
        of layer: Int?, to products: [Product], _ body: (UnsafeBufferPointer<stk_low_rank>) -> Void
    ) {
        guard let layer, !adapted.isEmpty else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
        withUnsafeTemporaryAllocation(of: stk_low_rank.self, capacity: products.count * adapted.count) { changes in
            var count = 0
            for run in adapted {
                for (index, product) in products.enumerated() {
                    guard let target = product.target, let module = run.adapter.module(layer: layer, target) else {
                        continue
                    }
                    changes.initializeElement(
                        at: count,
                        to: stk_low_rank(
                            product: index, first: run.rows.lowerBound, rows: run.rows.count, down: module.down,
                            up: module.up, rank: run.adapter.rank))
                    count += 1
                }
            }
            body(UnsafeBufferPointer(rebasing: changes[..<count]))
        }
    }

    /// Writes the new keys (not rotated) and values into their pages.
    private func store(slot: Int, batch: Batch) {
        let layout = pages.layout
        let kvWidth = shape.keyValueHeads * shape.headWidth
        let key = layout.keyOffset(slot: slot)
        let value = layout.valueOffset(slot: slot)
        for (row, target) in batch.targets.enumerated() {
            for head in 0..<shape.keyValueHeads {
                let place = target.address + head * layout.headStride + target.slot * layout.rowStride
                let source = row * kvWidth + head * shape.headWidth
                write(scratch.key.base + source, to: place + key)
                write(scratch.value.base + source, to: place + value)
            }
        }
    }

    private func write(_ source: UnsafePointer<Float>, to target: UnsafeMutableRawPointer) {
        switch pages.layout.element {
        case .float32:
            target.copyMemory(from: source, byteCount: shape.headWidth * MemoryLayout<Float>.stride)
        case .float16:
            stk_f32_to_f16(source, target.assumingMemoryBound(to: UInt16.self), shape.headWidth)
        }
    }

    // MARK: - The end of a pass

    private func finish(
        _ slices: [ForwardSlice], residuals: [Int: [Float]], attention: AttentionCapture?,
        emit: (RowOutput) throws -> Void
    ) throws {
        var pending: [(slice: Int, row: Int, global: Int)] = []
        var first = 0
        for (index, slice) in slices.enumerated() {
            let count = slice.inputs.count
            for row in 0..<count where slice.outputs.wantsAny(row, of: count) {
                pending.append((index, row, first + row))
                if pending.count == scratch.headRows {
                    try flush(&pending, slices, residuals, attention, emit)
                }
            }
            first += count
        }
        try flush(&pending, slices, residuals, attention, emit)
    }

    private func flush(
        _ pending: inout [(slice: Int, row: Int, global: Int)], _ slices: [ForwardSlice], _ residuals: [Int: [Float]],
        _ attention: AttentionCapture?, _ emit: (RowOutput) throws -> Void
    ) throws {
        guard !pending.isEmpty else { return }
        let width = shape.width
        // Rows that want logits come first, so that the head runs over a dense block.
        let wantsLogits = { (entry: (slice: Int, row: Int, global: Int)) in
            slices[entry.slice].outputs.logits.contains(entry.row, of: slices[entry.slice].inputs.count)
        }
        let ordered = pending.filter(wantsLogits) + pending.filter { !wantsLogits($0) }
        let logitRows = pending.count(where: wantsLogits)
        for (index, entry) in ordered.enumerated() {
            stk_rms_norm(
                pool.pointer, scratch.residual.base + entry.global * width, width, weights.finalNorm.base,
                shape.rmsEpsilon, 1, width, scratch.headInput.base + index * width, width)
        }
        if logitRows > 0 {
            multiply(
                scratch.headInput, rows: logitRows, width: width, [Product(weights.head, into: scratch.logits)])
            if let cap = shape.finalSoftCap {
                stk_soft_cap(cap, scratch.logits.base, logitRows * shape.vocabularySize)
            }
        }
        for entry in pending {
            guard let index = ordered.firstIndex(where: { $0.global == entry.global }) else { continue }
            let outputs = slices[entry.slice].outputs
            let count = slices[entry.slice].inputs.count
            let hidden = UnsafeBufferPointer(start: scratch.headInput.base + index * width, count: width)
            let logits = UnsafeMutableBufferPointer(
                start: scratch.logits.base + index * shape.vocabularySize, count: shape.vocabularySize)
            try emit(
                RowOutput(
                    slice: entry.slice, row: entry.row,
                    hidden: outputs.hidden.contains(entry.row, of: count) ? hidden : nil,
                    logits: index < logitRows ? logits : nil,
                    residuals: outputs.residuals.map { slot in
                        residuals[slot].map { Array($0[entry.global * width..<(entry.global + 1) * width]) } ?? []
                    }, attention: attention?.row(entry.row, of: entry.slice) ?? []))
        }
        pending.removeAll(keepingCapacity: true)
    }
}
