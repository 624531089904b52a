internal import CStoaKernels
package import StoaCore

/// A linear map from hidden states to the space of input embeddings.
///
/// Shape: [inputs, outputs] row-major f32, the rounded solution of a `RidgeSystem`. For LatentMAS both are the model's
/// width, and W_a minimises `||W_out W_a - W_in||_F^2 + lambda ||W_a||_F^2`, W_in being the effective (scaled) embedding.
/// With tied embeddings that is the identity (times the embedding's scale) to within `lambda / (sigma_min^2 + lambda)`.
/// An output bias and logit soft-capping are not taken into account.
///
/// Source: LatentMAS (arXiv:2511.20639), equation 3. Differs from the reference: the scaled embedding; Cholesky in double
/// precision in place of LU in single.
package struct AlignmentMatrix: Sendable, Hashable {
    /// The ridge of the reference.
    package static let usualLambda = 1e-5

    /// Width of what it maps.
    package let inputs: Int
    /// Width of what it maps to.
    package let outputs: Int
    /// The matrix transposed, [outputs, inputs] row-major: an output is a product of rows.
    private let columns: [Float]
    /// SHA-256 of the matrix as little-endian 32-bit floats, row by row.
    package let digest: SHA256Digest

    /// Creates a map of its numbers.
    ///
    /// - Parameters:
    ///   - transposed: the matrix transposed, [outputs, inputs] row-major.
    ///   - inputs: width of what it maps.
    package init(transposed: [Float], inputs: Int) {
        precondition(inputs > 0 && transposed.count.isMultiple(of: inputs), "a matrix has whole rows")
        self.inputs = inputs
        outputs = transposed.count / inputs
        columns = transposed
        digest = SHA256Digest(hashing: Self.bytes(of: Self.transposed(transposed, width: inputs)))
    }

    /// Rounds the solution of a system.
    ///
    /// - Parameters:
    ///   - system: the equations.
    ///   - lambda: the ridge.
    /// - Throws: `ModelError` where there is no solution.
    package init(solving system: RidgeSystem, lambda: Double = usualLambda) throws {
        self.init(transposed: try system.solved(lambda: lambda).map { Float($0) }, inputs: system.width)
    }

    /// The matrix, [inputs, outputs] row-major.
    package var rows: [Float] { Self.transposed(columns, width: inputs) }

    /// Little-endian 32-bit floats, row by row: what the digest is of.
    var bytes: [UInt8] { Self.bytes(of: rows) }

    /// Reads `bytes`; nil where they are not of this shape.
    init?(bytes: ArraySlice<UInt8>, inputs: Int, outputs: Int) {
        guard bytes.count == inputs * outputs * 4 else { return nil }
        let rows: [Float] = bytes.withUnsafeBytes { source in
            (0..<inputs * outputs).map { place in
                Float(
                    bitPattern: UInt32(littleEndian: source.loadUnaligned(fromByteOffset: place * 4, as: UInt32.self)))
            }
        }
        self.init(transposed: Self.transposed(rows, width: outputs), inputs: inputs)
    }

    /// A row times the matrix: [inputs] to [outputs].
    ///
    /// Determinism: independent of threads and instruction set.
    ///
    /// - Parameter hidden: the row.
    /// - Returns: the product, in single precision.
    package func callAsFunction(_ hidden: UnsafeBufferPointer<Float>) -> [Float] {
        precondition(hidden.count == inputs, "a row of \(hidden.count) numbers for a matrix of \(inputs) rows")
        guard let row = hidden.baseAddress else { return [] }
        return columns.withUnsafeBufferPointer { columns in
            guard let base = columns.baseAddress else { return [] }
            return (0..<outputs).map { stk_dot(row, base + $0 * inputs, inputs) }
        }
    }

    /// A table of rows of `width` numbers, turned around.
    private static func transposed(_ table: [Float], width: Int) -> [Float] {
        let count = table.count / width
        return [Float](unsafeUninitializedCapacity: table.count) { target, used in
            table.withUnsafeBufferPointer { table in
                for row in 0..<count {
                    for column in 0..<width { target[column * count + row] = table[row * width + column] }
                }
            }
            used = table.count
        }
    }

    private static func bytes(of rows: [Float]) -> [UInt8] {
        rows.map(\.bitPattern.littleEndian).withUnsafeBytes { Array($0) }
    }
}
