internal import CStoaKernels
internal import StoaModel
internal import StoaTensor

/// The decoder of training: log-probabilities of a batch forwards, the adapter's gradients backwards.
///
/// The architectures are those of the engine: what differs between them is in the configuration and in which weights exist.
///
/// Isolation: one compute lane. Calls are synchronous and take as long as the batch does.
/// Determinism: a sequence's bits depend neither on what shares its batch nor on the number of threads; sums over rows (the
/// adapter's gradients) run in the order of the rows.
final class TrainingPass {
    let model: FrozenModel
    private let pool: KernelPool
    private let policy: ActivationPolicy
    private let paddedRank: Int
    private let rotary: [RotaryFactors]
    private let head: LogProbabilityHead
    private var memory: PassMemory
    /// What the last forward pass left.
    private var batch = PackedBatch([])
    private var adapter: AdapterState?
    /// The scored rows of the residual stream, after the final norm, and their gradient. [S, D]
    private var scored = AlignedBuffer<Float>(count: 0)
    private var hidden = AlignedBuffer<Float>(count: 0)
    private var hiddenGradient = AlignedBuffer<Float>(count: 0)

    private var shape: ModelConfiguration { model.configuration }

    init(model: FrozenModel, pool: KernelPool, paddedRank: Int, policy: ActivationPolicy, keptLogits: Int) {
        self.model = model
        self.pool = pool
        self.policy = policy
        self.paddedRank = paddedRank
        let kinds = model.configuration.slidingWindow == nil ? [false] : [false, true]
        rotary = kinds.map {
            RotaryFactors(frequencies: model.configuration.rope.inverseFrequencies(isLocal: $0))
        }
        head = LogProbabilityHead(model: model, pool: pool, keptLogits: keptLogits)
        memory = PassMemory(model.configuration, rows: 0, paddedRank: paddedRank, policy: policy)
    }

    /// The log-probability of every scored token.
    ///
    /// - Parameters:
    ///   - batch: at least one sequence.
    ///   - adapter: what changes the model; nil for the base model itself.
    /// - Returns: natural logarithms in the order of `batch.scoredRows`. [S]
    func forward(_ batch: PackedBatch, adapter: AdapterState?) -> [Double] {
        if memory.rows < batch.rows {
            // The old one goes before the new one comes.
            memory = PassMemory(shape, rows: 0, paddedRank: paddedRank, policy: policy)
            memory = PassMemory(shape, rows: batch.rows, paddedRank: paddedRank, policy: policy)
        }
        self.batch = batch
        self.adapter = adapter
        for table in rotary { table.extend(to: batch.longest) }
        model.readEmbeddings(batch.tokens, into: memory.residuals[0].base)
        for layer in 0..<shape.layers { forward(layer) }
        return scoreRows()
    }

    /// Adds the adapter's gradients of the last `forward`.
    ///
    /// - Parameter upstream: the loss's derivative with respect to each log-probability. [S]
    func backward(_ upstream: [Float]) {
        let width = shape.width
        head.backward(hidden.base, upstream: upstream, into: hiddenGradient.base)
        stk_train_rms_norm_gradient(
            pool.pointer, scored.base, width, model.finalNorm.base, shape.rmsEpsilon, batch.scoredRows.count, width,
            hiddenGradient.base, width, hidden.base, width, 0)
        let residual = memory.residualGradient.base
        residual.update(repeating: 0, count: batch.rows * width)
        for (index, row) in batch.scoredRows.enumerated() {
            (residual + row * width).update(from: hidden.base + index * width, count: width)
        }
        for layer in (0..<shape.layers).reversed() {
            let pass = layerPass(layer)
            if policy == .recompute {
                pass.attend()
                pass.feedForward()
            }
            pass.feedForwardBack()
            pass.attendBack(needsInput: layer > 0)
        }
    }

    private func layerPass(_ layer: Int) -> LayerPass {
        LayerPass(
            model: model, layer: model.layers[layer], index: layer, adapter: adapter, batch: batch, memory: memory,
            tape: memory.tape(layer: layer), rotary: rotary[shape.isLocal(layer: layer) ? rotary.count - 1 : 0],
            pool: pool)
    }

    private func forward(_ layer: Int) {
        let pass = layerPass(layer)
        pass.attend()
        pass.feedForward()
    }

    /// The end of the pass, for the rows whose next token counts.
    private func scoreRows() -> [Double] {
        let width = shape.width
        let count = batch.scoredRows.count
        if scored.count < count * width {
            scored = AlignedBuffer(count: count * width)
            hidden = AlignedBuffer(count: count * width)
            hiddenGradient = AlignedBuffer(count: count * width)
        }
        let residual = memory.residuals[shape.layers].base
        for (index, row) in batch.scoredRows.enumerated() {
            (scored.base + index * width).update(from: residual + row * width, count: width)
        }
        stk_rms_norm(
            pool.pointer, scored.base, width, model.finalNorm.base, shape.rmsEpsilon, count, width, hidden.base, width)
        return head.logProbabilities(hidden.base, targets: batch.targets)
    }
}
