import CStoaKernels
import Glibc
import StoaTestKit

/// A cache of random keys and values in pages of 48 slots, and queries for all of its rows.
final class Scene {
    let rows: Int
    let heads: Int
    let kvHeads: Int
    let headDim: Int
    var layer: stk_attention_layer
    let pages: AlignedBytes
    let queries: [Float]
    let positions: [Int32]
    let mask: [UInt8]?
    private var spans: [stk_kv_span] = []
    private let factors: [Float]
    private let blocks: UnsafeMutablePointer<UnsafePointer<Float>?>
    private let table: UnsafeMutablePointer<Float>

    init(
        kv: stk_kv, heads: Int, kvHeads: Int, headDim: Int, rows: Int, window: Int32 = 0, cap: Float = 0,
        masked: Bool = false, seed: UInt64 = 1
    ) {
        var random = SplitMix(seed: seed)
        let element = kv == STK_KV_F16 ? 2 : 4
        let (slots, rowBytes) = (48, kvHeads * headDim * element)
        let pageBytes = 2 * slots * rowBytes
        (self.rows, self.heads, self.kvHeads, self.headDim) = (rows, heads, kvHeads, headDim)
        pages = AlignedBytes((rows / (slots - 7) + 1) * pageBytes)
        for at in stride(from: 0, to: pages.count, by: element) {
            let value = random.float()
            if kv == STK_KV_F16 {
                pages.start.storeBytes(of: Float16(value).bitPattern, toByteOffset: at, as: UInt16.self)
            } else {
                pages.start.storeBytes(of: value, toByteOffset: at, as: Float.self)
            }
        }
        var at = 0
        while at < rows {
            let (page, slot) = (spans.count, spans.count % 3 == 1 ? 5 : 0)
            let count = min(rows - at, slots - slot - page % 2 * 2)
            spans.append(
                stk_kv_span(
                    page: UnsafePointer((pages.start + page * pageBytes).assumingMemoryBound(to: UInt8.self)),
                    slot: UInt32(slot), start: UInt32(at), count: UInt32(count)))
            at += count
        }
        queries = random.floats(rows * heads * headDim, scale: 2)
        // Neither consecutive nor sorted: what a merged cache has.
        positions = (0..<Int32(rows)).map { row in
            if row > 150 { return row - 50 }
            return row > 70 ? row + 40 : row
        }
        mask = masked ? (0..<rows * rows).map { _ in random.next() % 3 > 0 ? 1 : 0 } : nil
        let half = headDim / 2
        factors = (0..<512).flatMap { position in
            let angles = (0..<half).map { Double(position) * pow(10000, -Double($0) / Double(half)) }
            return angles.map { Float(cos($0)) } + angles.map { Float(sin($0)) }
        }
        table = .allocate(capacity: factors.count)
        table.initialize(from: factors, count: factors.count)
        blocks = .allocate(capacity: 1)
        blocks.initialize(to: UnsafePointer(table))
        layer = stk_attention_layer(
            kv: kv, heads: heads, kv_heads: kvHeads, head_dim: headDim, k_offset: 0, v_offset: slots * rowBytes,
            head_stride: headDim * element, slot_stride: rowBytes, scale: 1 / Float(headDim).squareRoot(),
            soft_cap: cap, window: window, rope: stk_rope(blocks: UnsafePointer(blocks), dims: headDim))
    }

    deinit {
        table.deallocate()
        blocks.deallocate()
    }

    /// The outputs of all rows, computed in calls of the given runs of rows; `together` in one call, as if the runs were
    /// sequences of a batch.
    func attend(_ runs: [Range<Int>], together: Bool = false, _ workers: Workers) -> [Float] {
        let width = heads * headDim
        var out = [Float](repeating: .nan, count: rows * width)
        out.withUnsafeMutableBufferPointer { out in
            queries.withUnsafeBufferPointer { queries in
                spans.withUnsafeBufferPointer { spans in
                    positions.withUnsafeBufferPointer { positions in
                        mask.withPointer { mask in
                            let calls = runs.map { run in
                                stk_attention_queries(
                                    spans: spans.start,
                                    span_count: spans.prefix { $0.start < run.upperBound }.count,
                                    positions: positions.start, first_row: run.lowerBound, count: run.count,
                                    q: queries.start + run.lowerBound * width, q_stride: width,
                                    out: out.start + run.lowerBound * width, out_stride: width,
                                    mask: mask.map { $0 + run.lowerBound * rows }, mask_stride: rows)
                            }
                            if together {
                                stk_attend(workers.pool, &layer, calls, calls.count)
                            } else {
                                for call in calls {
                                    withUnsafePointer(to: call) { stk_attend(workers.pool, &layer, $0, 1) }
                                }
                            }
                        }
                    }
                }
            }
        }
        return out
    }

    /// Where element `i` of a row lies in the pages.
    func offset(row: Int, kvHead: Int, _ i: Int, value: Bool) -> Int {
        let span = spans.first { Int($0.start + $0.count) > row }
        guard let span else { return 0 }
        let element = layer.kv == STK_KV_F16 ? 2 : 4
        return UnsafeRawPointer(span.page) - UnsafeRawPointer(pages.start) + (value ? layer.v_offset : 0)
            + kvHead * layer.head_stride + (Int(span.slot) + row - Int(span.start)) * layer.slot_stride + i * element
    }

    private func element(row: Int, kvHead: Int, _ i: Int, value: Bool) -> Double {
        let at = offset(row: row, kvHead: kvHead, i, value: value)
        if layer.kv == STK_KV_F32 { return Double(pages.start.load(fromByteOffset: at, as: Float.self)) }
        return Double(Float16(bitPattern: pages.start.load(fromByteOffset: at, as: UInt16.self)))
    }

    /// Softmax attention of one query and head, straight from the formula, in double precision.
    func reference(query: Int, head: Int) -> [Double] {
        let (kvHead, half, d) = (head / (heads / kvHeads), headDim / 2, headDim)
        var weights = [Double](repeating: 0, count: query + 1)
        for row in 0...query {
            if row != query {
                if layer.window > 0, positions[row] <= positions[query] - layer.window { continue }
                if let mask, mask[query * rows + row] == 0 { continue }
            }
            var score = 0.0
            for i in 0..<half {
                let (a, b) = (
                    element(row: row, kvHead: kvHead, i, value: false),
                    element(row: row, kvHead: kvHead, i + half, value: false)
                )
                let (c, s) = (
                    Double(factors[Int(positions[row]) * d + i]), Double(factors[Int(positions[row]) * d + half + i])
                )
                let q = query * heads * d + head * d + i
                score += (a * c - b * s) * Double(queries[q]) + (b * c + a * s) * Double(queries[q + half])
            }
            score *= Double(layer.scale)
            if layer.soft_cap != 0 { score = Double(layer.soft_cap) * tanh(score / Double(layer.soft_cap)) }
            weights[row] = exp(score)
        }
        let total = weights.reduce(0, +)
        return (0..<d).map { i in
            weights.indices.reduce(0) {
                weights[$1] == 0 ? $0 : $0 + weights[$1] / total * element(row: $1, kvHead: kvHead, i, value: true)
            }
        }
    }
}

extension [UInt8]? {
    fileprivate func withPointer(_ body: (UnsafePointer<UInt8>?) -> Void) {
        guard let self else { return body(nil) }
        self.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
