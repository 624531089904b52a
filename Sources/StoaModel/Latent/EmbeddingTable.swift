internal import CStoaKernels
internal import StoaCore
internal import StoaTensor

/// A model's effective (scaled) embedding as a table of vectors: what is fed back lies among its rows.
///
/// Where the whole table is read, rows are expanded from the file's own format a few at a time, by tasks of a fixed number
/// of rows whose results are combined in order. Weighted sums over a table that is the output head too are made of the
/// packed head, which holds the same numbers.
///
/// Determinism: independent of the number of threads and of the instruction set.
///
/// Isolation: the model's lane.
struct EmbeddingTable {
    private static let taskRows = 1024
    private static let blockRows = 32
    /// Rows whose norm is smaller have no direction that single precision can tell: their cosine counts as -1.
    private static let smallestNorm: Float = 1e-15

    let weights: PackedModel
    let pool: KernelPool

    private var width: Int { weights.configuration.width }
    private var count: Int { weights.configuration.vocabularySize }
    private var tasks: Int { (count + Self.taskRows - 1) / Self.taskRows }
    private var scale: Float { weights.configuration.embeddingScale }

    /// The effective embedding of a token: what layer 0 is given for it.
    func row(_ id: TokenID) -> [Float] {
        [Float](unsafeUninitializedCapacity: width) { buffer, used in
            weights.readEmbedding(of: id, into: UnsafeMutableBufferPointer(rebasing: buffer[..<width]))
            used = width
        }
    }

    /// `sum_i shares_i E_i` over the whole vocabulary; exactly `E_i` where one share is 1 and the others are 0.
    ///
    /// Order of the sum: see `stk_weighted_sum` for tied tables; by tasks for the others. No row is left out for being
    /// improbable.
    ///
    /// - Parameter shares: one per token.
    /// - Returns: the weighted sum, in single precision. [width]
    func weightedSum(_ shares: [Float]) -> [Float] {
        precondition(shares.count == count, "a share for each of \(count) tokens")
        return weights.configuration.tiedHead ? packedSum(shares) : streamedSum(shares)
    }

    private func packedSum(_ shares: [Float]) -> [Float] {
        [Float](unsafeUninitializedCapacity: width) { sum, used in
            used = width
            guard let base = sum.baseAddress else { return }
            shares.withUnsafeBufferPointer { shares in
                guard let shares = shares.baseAddress else { return }
                withUnsafePointer(to: weights.head) { stk_weighted_sum(pool.pointer, $0, shares, base) }
            }
            if scale != 1 { stk_scale(scale, base, width) }
        }
    }

    private func streamedSum(_ shares: [Float]) -> [Float] {
        let partial = AlignedBuffer<Float>(count: tasks * width)
        shares.withUnsafeBufferPointer { shares in
            pool.run(tasks) { task in
                let sum = partial.base + task * width
                forEachRow(of: task) { row, vector in
                    guard shares[row] != 0 else { return }
                    stk_scale(shares[row], vector, width)
                    stk_add(vector, sum, width)
                }
            }
        }
        for task in 1..<max(tasks, 1) { stk_add(partial.base + task * width, partial.base, width) }
        if scale != 1 { stk_scale(scale, partial.base, width) }
        return Array(partial.elements[..<width])
    }

    /// The token whose embedding has the largest cosine with a vector, the lowest id among equals, and that cosine.
    ///
    /// Complexity: expands the whole table; `NearestRowSearch` finds the same faster where it can.
    ///
    /// - Parameter vector: any vector but zero. [width]
    /// - Returns: the token and its cosine.
    func nearest(to vector: [Float]) -> (id: TokenID, cosine: Double) {
        let best = AlignedBuffer<(cosine: Double, row: Int)>(count: tasks)
        vector.withUnsafeBufferPointer { vector in
            guard let target = vector.baseAddress else { return }
            let norm = stk_norm(target, width)
            pool.run(tasks) { task in
                best.elements[task] = (-.infinity, task * Self.taskRows)
                forEachRow(of: task) { row, embedding in
                    let cosine = cosine(of: embedding, with: target, norm: norm)
                    if cosine > best.elements[task].cosine { best.elements[task] = (cosine, row) }
                }
            }
        }
        let found = best.elements.reduce((cosine: -.infinity, row: 0)) { $1.cosine > $0.cosine ? $1 : $0 }
        return (TokenID(Int32(found.row)), found.cosine)
    }

    /// The cosine of an unscaled row with a vector; -1 where one of them has no direction.
    func cosine(of row: UnsafePointer<Float>, with vector: UnsafePointer<Float>, norm: Float) -> Double {
        let rowNorm = stk_norm(row, width)
        guard rowNorm >= Self.smallestNorm, norm > 0 else { return -1 }
        return Double(stk_dot(row, vector, width)) / (Double(rowNorm) * Double(norm))
    }

    /// One over the norm of each unscaled row, NaN for a row without direction.
    ///
    /// Complexity: expands the whole table.
    ///
    /// - Returns: one number per token. [vocabulary]
    func inverseNorms() -> AlignedBuffer<Float> {
        let inverse = AlignedBuffer<Float>(count: count)
        pool.run(tasks) { task in
            forEachRow(of: task) { row, vector in
                let norm = stk_norm(vector, width)
                inverse.elements[row] = norm >= Self.smallestNorm ? 1 / norm : .nan
            }
        }
        return inverse
    }

    /// The root mean square of all elements.
    func rootMeanSquare() -> Double {
        let partial = AlignedBuffer<Double>(count: tasks)
        pool.run(tasks) { task in
            forEachRow(of: task) { _, vector in
                partial.elements[task] += Double(stk_dot(vector, vector, width))
            }
        }
        return (partial.elements.reduce(0, +) / Double(count * width)).squareRoot() * Double(scale)
    }

    /// Calls the body with the rows of a task, unscaled, which it may overwrite.
    private func forEachRow(of task: Int, _ body: (_ row: Int, _ vector: UnsafeMutablePointer<Float>) -> Void) {
        let scratch = AlignedBuffer<Float>(count: Self.blockRows * width)
        let end = min((task + 1) * Self.taskRows, count)
        for first in stride(from: task * Self.taskRows, to: end, by: Self.blockRows) {
            let rows = first..<min(first + Self.blockRows, end)
            weights.embedding.dequantiseRows(rows, into: scratch.elements)
            for row in rows { body(row, scratch.base + (row - first) * width) }
        }
        // The packed matrices hold the same numbers; the file's pages need not stay resident beside them.
        let stored = weights.embedding
        stored.bytes.slice(task * Self.taskRows * stored.rowBytes..<end * stored.rowBytes).advise(.dontNeed)
    }
}
