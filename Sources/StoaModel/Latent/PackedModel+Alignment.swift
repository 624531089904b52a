internal import CStoaKernels
internal import StoaCore
internal import StoaTensor

extension PackedModel {
    /// Rows of a block of the alignment's equations.
    private static let blockRows = 1024
    /// Rows that one task expands.
    private static let taskRows = 64

    /// The equations of the model's own alignment: unembedding rows against effective embedding rows, over the whole
    /// vocabulary.
    ///
    /// Rows are expanded block by block, and the file's pages given back behind each, so that a large vocabulary costs a
    /// few megabytes. With a tied head both sides are one table, and half of the work is left out.
    ///
    /// Complexity: V d^2 multiply-adds, or 1.5 times as many where the head is not tied; cancellable between blocks.
    ///
    /// - Parameter pool: the workers that expand rows.
    /// - Returns: the equations.
    /// - Throws: `LinearAlgebraError` where OpenBLAS is not there, or `CancellationError`.
    func alignmentSystem(pool: KernelPool) throws -> RidgeSystem {
        let width = configuration.width
        let scale = Double(configuration.embeddingScale)
        var system = try RidgeSystem(
            width: width, targets: configuration.tiedHead ? .scaledPredictors(scale) : .rows(width: width),
            threads: pool.threads)
        let predictors = AlignedBuffer<Double>(count: Self.blockRows * width)
        let targets = configuration.tiedHead ? nil : AlignedBuffer<Double>(count: Self.blockRows * width)
        for first in stride(from: 0, to: configuration.vocabularySize, by: Self.blockRows) {
            try Task.checkCancellation()
            let rows = min(Self.blockRows, configuration.vocabularySize - first)
            expand(first..<first + rows, pool: pool, predictors: predictors, targets: targets, scale: scale)
            system.add(rows: rows, predictors: predictors.base, targets: targets.map { UnsafePointer($0.base) })
        }
        return system
    }

    /// Writes rows of both tables in double precision.
    private func expand(
        _ rows: Range<Int>, pool: KernelPool, predictors: AlignedBuffer<Double>, targets: AlignedBuffer<Double>?,
        scale: Double
    ) {
        let width = configuration.width
        pool.run((rows.count + Self.taskRows - 1) / Self.taskRows) { task in
            let first = task * Self.taskRows
            let count = min(Self.taskRows, rows.count - first)
            let floats = AlignedBuffer<Float>(count: count * width)
            let start = rows.lowerBound + first
            embedding.dequantiseRows(start..<start + count, into: floats.elements)
            guard let targets else {
                return Self.widen(floats.base, by: 1, into: predictors.base + first * width, count: count * width)
            }
            Self.widen(floats.base, by: scale, into: targets.base + first * width, count: count * width)
            withUnsafePointer(to: head) { head in
                for row in 0..<count { stk_unpack_row(head, start + row, floats.base + row * width) }
            }
            Self.widen(floats.base, by: 1, into: predictors.base + first * width, count: count * width)
        }
        embedding.bytes.slice(rows.lowerBound * embedding.rowBytes..<rows.upperBound * embedding.rowBytes)
            .advise(.dontNeed)
    }

    private static func widen(
        _ source: UnsafePointer<Float>, by factor: Double, into target: UnsafeMutablePointer<Double>, count: Int
    ) {
        var place = 0
        while place < count {
            target[place] = Double(source[place]) * factor
            place += 1
        }
    }
}
