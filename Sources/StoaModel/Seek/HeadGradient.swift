internal import CStoaKernels
internal import StoaCore
internal import StoaTensor

/// What the output head says of hidden states, and how that changes with them.
///
/// With z a state, l = head(z) its logits (capped where the architecture caps them) and p = softmax(l):
///
///     d log p[a] / dz = sum_v ([v = a] - p_v) * (1 - (l_v / cap)²) * W_v
///
/// Logits are the model's own, from the same kernels in the same precision, so that the most probable token of an
/// untouched state is the one that the model chose. Only the way back is computed in double precision.
///
/// Determinism: independent of the number of threads, the instruction set, and how states are grouped.
///
/// Isolation: the model's lane; a call takes at most about 20 ms on a small model.
struct HeadGradient {
    /// States of one call.
    static let states = 8
    /// Rows of the head that one call sums.
    private static let partRows = 16 * Int(STK_ROW_BLOCK)

    private let weights: PackedModel
    private let precision: Precision
    private let pool: KernelPool
    private let input: AlignedBuffer<Float>
    private let logits: AlignedBuffer<Float>
    /// [states, vocabulary]: what each row of the head counts.
    private let shares: AlignedBuffer<Double>
    private let sums: AlignedBuffer<Double>
    private let scratch: AlignedBuffer<Double>
    private let codes: AlignedBuffer<Int8>
    private let scales: AlignedBuffer<Float>
    private let codeSums: AlignedBuffer<Int32>

    private var width: Int { weights.configuration.width }
    private var vocabulary: Int { weights.configuration.vocabularySize }

    /// Makes room for the products.
    init(weights: PackedModel, precision: Precision, pool: KernelPool) {
        self.weights = weights
        self.precision = precision
        self.pool = pool
        let (width, vocabulary) = (weights.configuration.width, weights.configuration.vocabularySize)
        let groups = (width + 31) / 32
        input = AlignedBuffer(count: Self.states * width)
        logits = AlignedBuffer(count: Self.states * vocabulary)
        shares = AlignedBuffer(count: Self.states * vocabulary)
        sums = AlignedBuffer(count: Self.states * width)
        scratch = AlignedBuffer(count: Self.partRows / Int(STK_ROW_BLOCK) * (Self.states + 1) * width)
        codes = AlignedBuffer(count: Self.states * groups * 32)
        scales = AlignedBuffer(count: Self.states * groups)
        codeSums = AlignedBuffer(count: Self.states * groups * 2)
    }

    /// The most probable token of each state, the lowest id among equals.
    ///
    /// - Parameter states: at most `states` of them, [n][width].
    /// - Returns: a token each.
    /// - Throws: `ModelError` for a state whose logits are no numbers.
    func choose(_ states: ArraySlice<[Double]>) throws -> [TokenID] {
        computeLogits(states)
        return try states.indices.map { index in
            let row = logits.base + (index - states.startIndex) * vocabulary
            guard stk_max(row, vocabulary).isFinite else { throw ModelError.brokenSeek(position: index) }
            return TokenID(Int32(stk_argmax(row, vocabulary)))
        }
    }

    /// d log p[token] / dz of each state, for its most probable token.
    ///
    /// - Parameter states: at most `states` of them, [n][width].
    /// - Returns: a gradient each, [n][width].
    /// - Throws: `ModelError` for a state whose logits are no numbers; `CancellationError`.
    func callAsFunction(_ states: ArraySlice<[Double]>) async throws -> [[Double]] {
        let tokens = try choose(states)
        for (row, token) in tokens.enumerated() { weigh(row: row, token: token.index) }
        let count = tokens.count
        sums.elements.update(repeating: 0)
        for first in stride(from: 0, to: vocabulary, by: Self.partRows) {
            try Task.checkCancellation()
            withUnsafePointer(to: weights.head) { head in
                stk_add_weighted_rows(
                    pool.pointer, head, first, min(first + Self.partRows, vocabulary), shares.base, vocabulary, count,
                    sums.base, scratch.base)
            }
            // Passes of other sequences may come between: nothing here is theirs.
            await Task.yield()
        }
        return (0..<count).map { Array(sums.elements[$0 * width..<($0 + 1) * width]) }
    }

    private func computeLogits(_ states: ArraySlice<[Double]>) {
        precondition(states.count <= Self.states, "at most \(Self.states) states at a time")
        for (row, state) in states.enumerated() {
            for (column, value) in state.enumerated() { input.base[row * width + column] = Float(value) }
        }
        var activations = stk_activations(
            x: input.base, stride: width, rows: states.count, cols: width, codes: codes.base, scales: scales.base,
            sums: codeSums.base)
        let kernels = precision == .exact ? STK_EXACT : STK_FAST
        if kernels == STK_FAST { stk_quantise(pool.pointer, &activations) }
        withUnsafePointer(to: weights.head) { head in
            var product = stk_product(w: head, bias: nil, y: logits.base, stride: vocabulary, accumulate: 0)
            stk_multiply(pool.pointer, kernels, &activations, &product, 1)
        }
        if let cap = weights.configuration.finalSoftCap {
            stk_soft_cap(cap, logits.base, states.count * vocabulary)
        }
    }

    /// What each row of the head counts in the gradient of log p[token].
    private func weigh(row: Int, token: Int) {
        let values = UnsafeBufferPointer(start: logits.base + row * vocabulary, count: vocabulary)
        let target = shares.base + row * vocabulary
        let cap = weights.configuration.finalSoftCap.map(Double.init)
        let (logSumExp, vocabulary) = (LogitMath.logSumExp(values), vocabulary)
        // By tasks of fixed rows; an element depends on its own logit alone.
        let rows = 4096
        pool.run((vocabulary + rows - 1) / rows) { task in
            for index in task * rows..<min((task + 1) * rows, vocabulary) {
                let logit = Double(values[index])
                var share = -PortableMath.exp(logit - logSumExp)
                if index == token { share += 1 }
                if let cap { share *= 1 - (logit / cap) * (logit / cap) }
                target[index] = share
            }
        }
    }
}
