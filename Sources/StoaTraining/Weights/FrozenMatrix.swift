internal import CStoaKernels
internal import StoaModel
internal import StoaTensor

/// A matrix of the base model as products read it: dequantised once, row-major, in the precision of the products.
struct FrozenMatrix {
    let rows: Int
    let columns: Int
    private let storage: Storage

    private enum Storage {
        case float32(AlignedBuffer<Float>)
        case bfloat16(AlignedBuffer<UInt16>)
    }

    /// Rows that are dequantised by one task.
    private static let rowsPerTask = 32
    /// Bytes of floats that are on their way at a time.
    private static let pieceBytes = 4 << 20

    /// Reads a stored matrix, its rows in the kernels' order.
    ///
    /// - Parameters:
    ///   - tensor: the stored matrix.
    ///   - permutation: which stored row each row is read from; nil for the same.
    ///   - precision: how it is kept.
    ///   - pool: the workers.
    init(_ tensor: WeightTensor, permutation: [UInt32]?, precision: MatrixPrecision, pool: KernelPool) {
        rows = tensor.rows
        columns = tensor.columns
        let width = columns
        switch precision {
        case .float32:
            let buffer = AlignedBuffer<Float>(count: rows * width)
            Self.read(tensor, rows: 0..<rows, permutation: permutation, into: buffer.base, pool: pool)
            storage = .float32(buffer)
        case .bfloat16:
            let buffer = AlignedBuffer<UInt16>(count: rows * width)
            let step = max(1, Self.pieceBytes / 4 / width)
            let piece = AlignedBuffer<Float>(count: min(step, rows) * width)
            for first in stride(from: 0, to: rows, by: step) {
                let range = first..<min(first + step, rows)
                Self.read(tensor, rows: range, permutation: permutation, into: piece.base, pool: pool)
                stk_train_to_bf16(pool.pointer, piece.base, buffer.base + first * width, range.count * width)
            }
            storage = .bfloat16(buffer)
        }
        // What was read need not stay resident beside its copy.
        tensor.bytes.advise(.dontNeed)
    }

    private static func read(
        _ tensor: WeightTensor, rows: Range<Int>, permutation: [UInt32]?, into target: UnsafeMutablePointer<Float>,
        pool: KernelPool
    ) {
        let width = tensor.columns
        pool.run((rows.count + rowsPerTask - 1) / rowsPerTask) { task in
            let first = rows.lowerBound + task * rowsPerTask
            let part = first..<min(first + rowsPerTask, rows.upperBound)
            guard let permutation else {
                let place = UnsafeMutableBufferPointer(
                    start: target + (first - rows.lowerBound) * width, count: part.count * width)
                return tensor.dequantiseRows(part, into: place)
            }
            for row in part {
                let stored = Int(permutation[row])
                tensor.dequantiseRows(
                    stored..<stored + 1,
                    into: UnsafeMutableBufferPointer(start: target + (row - rows.lowerBound) * width, count: width))
            }
        }
    }

    /// Some rows, as products take them.
    func view(rows range: Range<Int>) -> stk_train_matrix {
        switch storage {
        case .float32(let buffer):
            stk_train_matrix(
                type: STK_TRAIN_F32, rows: range.count, cols: columns, stride: columns,
                data: UnsafeRawPointer(buffer.base + range.lowerBound * columns))
        case .bfloat16(let buffer):
            stk_train_matrix(
                type: STK_TRAIN_BF16, rows: range.count, cols: columns, stride: columns,
                data: UnsafeRawPointer(buffer.base + range.lowerBound * columns))
        }
    }

    /// All of it.
    var view: stk_train_matrix { view(rows: 0..<rows) }

    /// x Wᵀ, for x of contiguous rows.
    func forwardTerm(_ x: UnsafePointer<Float>) -> ProductTerm {
        ProductTerm(x: x, stride: columns, matrix: view, isTransposed: true)
    }

    /// dy W, for dy of contiguous rows.
    func backwardTerm(_ dy: UnsafePointer<Float>) -> ProductTerm {
        ProductTerm(x: dy, stride: rows, matrix: view, isTransposed: false)
    }
}
