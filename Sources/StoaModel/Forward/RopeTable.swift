internal import CStoaKernels
internal import Glibc
internal import StoaTensor

/// Cosines and sines by position for one rotary base, made in blocks as positions are reached.
///
/// Determinism: angles are computed in double precision and rounded once.
/// `@unchecked Sendable`: only the lane extends it; finished blocks never change.
final class RopeTable: @unchecked Sendable {
    /// Positions of a block; the kernels' contract fixes it.
    static let blockPositions = 512

    private let frequencies: [Double]
    private var blocks: [AlignedBuffer<Float>] = []
    private let pointers: AlignedBuffer<UnsafePointer<Float>?>
    private let capacity: Int

    /// Creates an empty table.
    ///
    /// - Parameters:
    ///   - frequencies: radians per position of each pair.
    ///   - contextLength: positions that may ever be asked for.
    init(frequencies: [Double], contextLength: Int) {
        self.frequencies = frequencies
        capacity = (contextLength + Self.blockPositions - 1) / Self.blockPositions
        pointers = AlignedBuffer(count: capacity)
    }

    /// The kernels' view, valid for positions below `end`.
    func view(upTo end: Int) -> stk_rope {
        precondition(end <= capacity * Self.blockPositions, "position \(end) lies beyond the context")
        while blocks.count * Self.blockPositions < end { addBlock() }
        return stk_rope(blocks: UnsafePointer(pointers.base), dims: frequencies.count * 2)
    }

    private func addBlock() {
        let half = frequencies.count
        let block = AlignedBuffer<Float>(count: Self.blockPositions * half * 2)
        let first = blocks.count * Self.blockPositions
        for offset in 0..<Self.blockPositions {
            let row = block.base + offset * half * 2
            for (pair, frequency) in frequencies.enumerated() {
                let angle = Double(first + offset) * frequency
                row[pair] = Float(cos(angle))
                row[half + pair] = Float(sin(angle))
            }
        }
        pointers.elements[blocks.count] = UnsafePointer(block.base)
        blocks.append(block)
    }
}
