internal import CStoaKernels
package import StoaCore
internal import StoaTensor

/// Finds the row of a model's embedding table that has the largest cosine with a vector.
///
/// The answer is that of `EmbeddingTable.nearest(to:)`, in bits. Where the output head is the same table, products with all
/// rows cost one product with the head, in the model's own precision, or nothing where the logits are such products. They
/// are off by no more than a bound: the part of the vector that its codes leave out, and rounding. Only rows that could be
/// the nearest one within that bound are expanded, and compared as the slow search compares all. Elsewhere the slow search
/// is used.
///
/// Determinism: independent of the number of threads, the instruction set and the precision.
///
/// Isolation: the model's lane.
final class NearestRowSearch {
    private static let taskRows = 2048

    /// Products with the head that somebody has computed.
    struct Known {
        /// A vector of the same direction as the one in question. [width]
        var input: UnsafeBufferPointer<Float>
        /// What the model's own product with the head makes of it. [vocabulary]
        var products: UnsafeBufferPointer<Float>
    }

    private let table: EmbeddingTable
    private let precision: Precision
    private let input: AlignedBuffer<Float>
    private let codes: AlignedBuffer<Int8>
    private let scales: AlignedBuffer<Float>
    private let codeSums: AlignedBuffer<Int32>
    /// Products, then products over the norms of the rows. [vocabulary]
    private let scores: AlignedBuffer<Float>
    /// The largest score of each task.
    private let largest: AlignedBuffer<Float>
    private let best: AlignedBuffer<(cosine: Double, row: Int)>

    private var shape: ModelConfiguration { table.weights.configuration }
    private var tasks: Int { largest.count }

    /// Makes room for the products.
    ///
    /// - Parameters:
    ///   - table: the model's embedding.
    ///   - precision: that of the model's logits.
    init(_ table: EmbeddingTable, precision: Precision) {
        self.table = table
        self.precision = precision
        let shape = table.weights.configuration
        let groups = (shape.width + 31) / 32
        input = AlignedBuffer(count: shape.width)
        codes = AlignedBuffer(count: groups * 32)
        scales = AlignedBuffer(count: groups)
        codeSums = AlignedBuffer(count: groups * 2)
        scores = AlignedBuffer(count: shape.vocabularySize)
        let tasks = (shape.vocabularySize + Self.taskRows - 1) / Self.taskRows
        largest = AlignedBuffer(count: tasks)
        best = AlignedBuffer(count: tasks)
    }

    /// The token whose embedding has the largest cosine with a vector, the lowest id among equals, and that cosine.
    ///
    /// - Parameters:
    ///   - vector: a finite vector. [width]
    ///   - known: products of a vector of its direction with the head; nil where there are none.
    /// - Returns: the token and its cosine.
    func callAsFunction(_ vector: [Float], known: Known? = nil) -> (id: TokenID, cosine: Double) {
        guard shape.tiedHead else { return table.nearest(to: vector) }
        // Capped logits are no products.
        let known = shape.finalSoftCap == nil ? known : nil
        if let known { _ = input.elements.update(from: known.input) } else { _ = input.elements.update(from: vector) }
        let norm = stk_norm(input.base, shape.width)
        guard norm.isFinite, norm > 0, vector.euclideanNorm > 0 else { return table.nearest(to: vector) }
        let bound = prepare(norm: norm)
        if known == nil { multiply() }
        score(known.map(\.products) ?? UnsafeBufferPointer(scores.elements))
        let threshold = stk_max(largest.base, tasks) - 2 * bound
        return compare(vector, from: threshold)
    }

    /// Quantises the input where products are made of codes.
    ///
    /// - Returns: how far a score can be from the product of the input with a row's direction.
    private func prepare(norm: Float) -> Float {
        // Single precision over sums of groups, with what cancels within a group; the true error is far smaller.
        let rounding = Float(shape.width) * 0x1p-22 * norm
        let isQuantised = table.weights.head.pack.rawValue > STK_PACK_BF16.rawValue
        guard precision == .fast, isQuantised else { return rounding }
        var activations = activations
        stk_quantise(table.pool.pointer, &activations)
        var left = 0.0
        for place in 0..<shape.width {
            let error = Double(input.base[place]) - Double(scales.base[place / 32]) * Double(codes.base[place])
            left += error * error
        }
        return Float(left.squareRoot()) * (1 + 0x1p-20) + rounding
    }

    private var activations: stk_activations {
        stk_activations(
            x: input.base, stride: shape.width, rows: 1, cols: shape.width, codes: codes.base, scales: scales.base,
            sums: codeSums.base)
    }

    private func multiply() {
        var activations = activations
        withUnsafePointer(to: table.weights.head) { head in
            var product = stk_product(w: head, bias: nil, y: scores.base, stride: shape.vocabularySize, accumulate: 0)
            stk_multiply(table.pool.pointer, precision == .exact ? STK_EXACT : STK_FAST, &activations, &product, 1)
        }
    }

    /// Divides products by the norms of their rows.
    ///
    /// A row without direction gets NaN, which is never the largest.
    private func score(_ products: UnsafeBufferPointer<Float>) {
        guard let products = products.baseAddress else { return }
        let inverse = inverseNorms.base
        table.pool.run(tasks) { task in
            let rows = rows(of: task)
            for row in rows { scores.base[row] = products[row] * inverse[row] }
            largest.base[task] = stk_max(scores.base + rows.lowerBound, rows.count)
        }
    }

    /// The nearest of the rows whose score reaches a threshold.
    private func compare(_ vector: [Float], from threshold: Float) -> (id: TokenID, cosine: Double) {
        vector.withUnsafeBufferPointer { vector in
            guard let target = vector.baseAddress else { return }
            let norm = stk_norm(target, shape.width)
            table.pool.run(tasks) { task in
                best.elements[task] = (-.infinity, 0)
                guard largest.base[task] >= threshold else { return }
                withUnsafeTemporaryAllocation(of: Float.self, capacity: shape.width) { buffer in
                    guard let embedding = buffer.baseAddress else { return }
                    for row in rows(of: task) where scores.base[row] >= threshold {
                        withUnsafePointer(to: table.weights.head) { stk_unpack_row($0, row, embedding) }
                        let cosine = table.cosine(of: embedding, with: target, norm: norm)
                        if cosine > best.elements[task].cosine { best.elements[task] = (cosine, row) }
                    }
                }
            }
        }
        let found = best.elements.reduce((cosine: -.infinity, row: 0)) { $1.cosine > $0.cosine ? $1 : $0 }
        // No row has a direction: they are all as far.
        return (TokenID(Int32(found.row)), max(found.cosine, -1))
    }

    private func rows(of task: Int) -> Range<Int> {
        task * Self.taskRows..<min((task + 1) * Self.taskRows, shape.vocabularySize)
    }

    /// Made once per model.
    private var inverseNorms: AlignedBuffer<Float> {
        if let known = table.weights.knownInverseNorms { return known }
        let norms = table.inverseNorms()
        table.weights.knownInverseNorms = norms
        return norms
    }
}

extension LocalModel {
    /// The token whose effective embedding has the largest cosine with a vector, the lowest id among equals.
    ///
    /// - Parameters:
    ///   - vector: a finite vector. [width]
    ///   - readsEveryRow: whether to compare with every row, which is what the quick search must agree with.
    /// - Returns: the token and its cosine.
    package func nearestToken(to vector: [Float], readsEveryRow: Bool = false) -> (id: TokenID, cosine: Double) {
        precondition(vector.count == weights.configuration.width, "a vector of the model's width")
        return readsEveryRow
            ? embeddingTable.nearest(to: vector) : NearestRowSearch(embeddingTable, precision: precision)(vector)
    }
}
