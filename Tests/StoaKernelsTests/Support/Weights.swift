import CStoaKernels
import StoaTestKit

extension stk_type {
    static let all = [
        STK_TYPE_F32, STK_TYPE_F16, STK_TYPE_BF16, STK_TYPE_Q4_0, STK_TYPE_Q4_1, STK_TYPE_Q5_0, STK_TYPE_Q5_1,
        STK_TYPE_Q8_0, STK_TYPE_Q2_K, STK_TYPE_Q3_K, STK_TYPE_Q4_K, STK_TYPE_Q5_K, STK_TYPE_Q6_K,
    ]

    var blockElements: Int { stk_type_block_elements(Int32(rawValue)) }
    var blockBytes: Int { stk_type_block_bytes(Int32(rawValue)) }
    var isFloat: Bool { blockElements == 1 }

    /// Where a block keeps its f16 scales.
    var scaleOffsets: [Int] {
        switch self {
        case STK_TYPE_Q4_0, STK_TYPE_Q5_0, STK_TYPE_Q8_0: [0]
        case STK_TYPE_Q4_1, STK_TYPE_Q5_1, STK_TYPE_Q4_K, STK_TYPE_Q5_K: [0, 2]
        case STK_TYPE_Q2_K: [80, 82]
        case STK_TYPE_Q3_K: [108]
        case STK_TYPE_Q6_K: [208]
        default: []
        }
    }
}

/// A matrix as a weight file holds it, and packed.
final class Weights {
    let type: stk_type
    let rows: Int
    let columns: Int
    var source: [UInt8]
    let packed: AlignedBytes
    private(set) var unrepresentable = 0

    /// Random codes, and scales as real files have them.
    init(_ type: stk_type, rows: Int, columns: Int, seed: UInt64, scale: Float? = nil, order: [UInt32]? = nil) {
        self.type = type
        self.rows = rows
        self.columns = columns
        var random = SplitMix(seed: seed)
        let pack = stk_pack(rawValue: UInt32(stk_pack_for_type(type)))
        packed = AlignedBytes(stk_pack_bytes(pack, rows, columns))
        let blocks = rows * columns / type.blockElements
        source = (0..<blocks * type.blockBytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        for block in 0..<blocks {
            let at = block * type.blockBytes
            let value = random.float(scale: 0.1)
            switch type {
            case STK_TYPE_F32: store(value.bitPattern, at: at)
            case STK_TYPE_F16: store(Float16(value).bitPattern, at: at)
            case STK_TYPE_BF16: store(UInt16(truncatingIfNeeded: value.bitPattern >> 16), at: at)
            default:
                for offset in type.scaleOffsets {
                    store(Float16(scale ?? random.float(scale: 0.02)).bitPattern, at: at + offset)
                }
            }
        }
        let panels = (rows + 15) / 16
        // In two parts, as several workers do it.
        for range in [0..<panels / 2, panels / 2..<panels] {
            unrepresentable += stk_pack_panels(
                type, source, rows, columns, order, range.lowerBound, range.upperBound, packed.start)
        }
    }

    private func store(_ value: some FixedWidthInteger, at offset: Int) {
        withUnsafeBytes(of: value.littleEndian) { source.replaceSubrange(offset..<offset + $0.count, with: $0) }
    }

    var pack: stk_pack { stk_pack(rawValue: UInt32(stk_pack_for_type(type))) }
    var matrix: stk_matrix { stk_matrix(pack: pack, rows: rows, cols: columns, data: packed.start) }

    /// One row through the packed form.
    func unpacked(row: Int) -> [Float] {
        var matrix = matrix
        var out = [Float](repeating: .nan, count: columns)
        stk_unpack_row(&matrix, row, &out)
        return out
    }

    /// One row straight from the file's bytes.
    func dequantised(row: Int) -> [Float] {
        var out = [Float](repeating: .nan, count: columns)
        let bytes = columns / type.blockElements * type.blockBytes
        source.withUnsafeBufferPointer { stk_dequantise(type, $0.start + row * bytes, &out, columns) }
        return out
    }
}

/// Rows of activations with room for their codes.
struct Activations {
    let rows: Int
    let columns: Int
    var x: [Float]
    var codes: [Int8]
    var scales: [Float]
    var sums: [Int32]

    init(rows: Int, columns: Int, x: [Float]) {
        let groups = (columns + 31) / 32
        self.rows = rows
        self.columns = columns
        self.x = x
        codes = Array(repeating: 99, count: rows * groups * 32)
        scales = Array(repeating: .nan, count: rows * groups)
        sums = Array(repeating: -1, count: rows * groups * 2)
    }

    /// Runs `body` with what the kernels take, of rows `range` alone.
    mutating func with<Result>(_ range: Range<Int>, _ body: (inout stk_activations) -> Result) -> Result {
        let (columns, groups) = (columns, (columns + 31) / 32)
        return x.withUnsafeMutableBufferPointer { x in
            codes.withUnsafeMutableBufferPointer { codes in
                scales.withUnsafeMutableBufferPointer { scales in
                    sums.withUnsafeMutableBufferPointer { sums in
                        let first = range.lowerBound
                        var activations = stk_activations(
                            x: UnsafePointer(x.start + first * columns), stride: columns, rows: range.count,
                            cols: columns, codes: codes.start + first * groups * 32,
                            scales: scales.start + first * groups, sums: sums.start + first * groups * 2)
                        return body(&activations)
                    }
                }
            }
        }
    }

    mutating func quantise(_ workers: Workers) { with(0..<rows) { stk_quantise(workers.pool, &$0) } }

    /// y = x Wᵀ for rows `range`.
    mutating func times(
        _ weights: Weights, _ precision: stk_precision, rows range: Range<Int>? = nil, bias: [Float]? = nil,
        onto before: [Float]? = nil, _ workers: Workers
    ) -> [Float] {
        let range = range ?? 0..<rows
        var y = before ?? [Float](repeating: .nan, count: range.count * weights.rows)
        var matrix = weights.matrix
        with(range) { activations in
            y.withUnsafeMutableBufferPointer { y in
                withUnsafePointer(to: &matrix) { matrix in
                    bias.withPointer { bias in
                        var product = stk_product(
                            w: matrix, bias: bias, y: y.start, stride: weights.rows,
                            accumulate: before == nil ? 0 : 1)
                        stk_multiply(workers.pool, precision, &activations, &product, 1)
                    }
                }
            }
        }
        return y
    }
}

extension [Float]? {
    fileprivate func withPointer<Result>(_ body: (UnsafePointer<Float>?) -> Result) -> Result {
        guard let self else { return body(nil) }
        return self.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
