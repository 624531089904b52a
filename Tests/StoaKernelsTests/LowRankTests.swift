import CStoaKernels
import StoaTestKit
import Testing

extension Kernels {
    @Suite struct `Low-rank changes` {
        /// D and U of one change, row-major.
        private struct Change {
            let product, rank, columns, outputs: Int
            let rows: Range<Int>
            let d: [Float]
            var u: [Float]
            static let scale: Float = 1.7

            init(_ product: Int, rank: Int, of weights: Weights, rows: Range<Int>, random: inout SplitMix) {
                (self.product, self.rank, self.rows) = (product, rank, rows)
                (columns, outputs) = (weights.columns, weights.rows)
                d = random.floats(rank * columns)
                u = random.floats(outputs * rank)
            }

            /// The definition, in Swift: what becomes of [rows, outputs].
            func changed(_ y: [Float], x: [Float]) -> [Float] {
                var y = y
                for row in rows {
                    let inner = (0..<rank).map { r in
                        (0..<columns).reduce(into: Float(0)) { sum, k in
                            sum.addProduct(x[row * columns + k], d[r * columns + k] * Self.scale)
                        }
                    }
                    for output in 0..<outputs {
                        for r in 0..<rank { y[row * outputs + output].addProduct(inner[r], u[output * rank + r]) }
                    }
                }
                return y
            }
        }

        /// Memory that kernels read, for as long as it is wanted.
        private final class Packed {
            let change: stk_low_rank
            private let memory: AlignedBytes

            init(_ c: Change) {
                let rank = (c.rank + 15) / 16 * 16
                let (down, up) = (rank * c.columns, rank * ((c.outputs + 15) / 16 * 16))
                memory = AlignedBytes((down + up) * 4)
                let base = memory.start.assumingMemoryBound(to: Float.self)
                stk_pack_low_rank(c.d, c.u, c.rank, c.columns, c.outputs, Change.scale, base, base + down)
                change = stk_low_rank(
                    product: c.product, first: c.rows.lowerBound, rows: c.rows.count, down: UnsafePointer(base),
                    up: UnsafePointer(base + down), rank: rank)
            }
        }

        /// The products of all weights, with changes; nil for those of a call that knows none.
        private static func multiply(
            _ weights: [Weights], x: [Float], rows: Int, _ precision: stk_precision, _ changes: [Change]?,
            before: [[Float]], _ workers: Workers
        ) -> [[Float]] {
            let columns = weights[0].columns
            let groups = (columns + 31) / 32
            var y = before
            var codes = [Int8](repeating: 0, count: rows * groups * 32)
            var scales = [Float](repeating: 0, count: rows * groups)
            var sums = [Int32](repeating: 0, count: rows * groups * 2)
            let packed = (changes ?? []).map { Packed($0) }
            let calls = packed.map(\.change)
            let bias = (0..<200).map { Float($0) / 100 }
            codes.withUnsafeMutableBufferPointer { codes in
                scales.withUnsafeMutableBufferPointer { scales in
                    sums.withUnsafeMutableBufferPointer { sums in
                        x.withUnsafeBufferPointer { x in
                            bias.withUnsafeBufferPointer { bias in
                                var activations = stk_activations(
                                    x: x.start, stride: columns, rows: rows, cols: columns, codes: codes.baseAddress,
                                    scales: scales.baseAddress, sums: sums.baseAddress)
                                stk_quantise(workers.pool, &activations)
                                let targets = y.map { values in
                                    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
                                    _ = buffer.initialize(from: values)
                                    return buffer
                                }
                                let matrices = UnsafeMutableBufferPointer<stk_matrix>.allocate(capacity: weights.count)
                                _ = matrices.initialize(from: weights.map(\.matrix))
                                let products = weights.indices.map { index in
                                    stk_product(
                                        w: UnsafePointer(matrices.start + index), bias: index == 1 ? bias.start : nil,
                                        y: targets[index].start, stride: weights[index].rows,
                                        accumulate: index == 2 ? 1 : 0)
                                }
                                if changes == nil {
                                    stk_multiply(workers.pool, precision, &activations, products, products.count)
                                } else {
                                    stk_multiply_changed(
                                        workers.pool, precision, &activations, products, products.count, calls,
                                        calls.count)
                                }
                                y = targets.map { Array($0) }
                                targets.forEach { $0.deallocate() }
                                matrices.deallocate()
                            }
                        }
                    }
                }
            }
            withExtendedLifetime(packed) {}
            return y
        }

        private static let precisions = [STK_EXACT, STK_FAST]

        /// Three products of different widths and layouts, with room for what they hold before.
        private static func weights(_ seed: UInt64) -> [Weights] {
            [(STK_TYPE_Q4_1, 150), (STK_TYPE_F32, 31), (STK_TYPE_Q8_0, 96)].enumerated().map { index, shape in
                Weights(shape.0, rows: shape.1, columns: 96, seed: seed + UInt64(index))
            }
        }

        @Test(arguments: stk_isa.available)
        func `follow their definition, on every path and any number of threads`(isa: stk_isa) throws {
            let weights = Self.weights(5)
            for (seed, rows) in [1, 2, 3, 5, 8, 17, 40].enumerated() {
                var random = SplitMix(seed: UInt64(seed))
                let x = random.floats(rows * 96)
                let before = weights.map { random.floats(rows * $0.rows) }
                let half = (rows + 1) / 2
                // Two adapters and rows of none between them, as a pass has them.
                let changes = [
                    Change(0, rank: 16, of: weights[0], rows: 0..<half, random: &random),
                    Change(1, rank: 3, of: weights[1], rows: 0..<half, random: &random),
                    Change(0, rank: 40, of: weights[0], rows: min(half + 1, rows)..<rows, random: &random),
                    Change(2, rank: 17, of: weights[2], rows: min(half + 1, rows)..<rows, random: &random),
                ]
                for precision in Self.precisions {
                    let one = try Workers(1)
                    let plain = STK_ISA_SCALAR.run {
                        Self.multiply(weights, x: x, rows: rows, precision, nil, before: before, one)
                    }
                    var expected = plain
                    for change in changes { expected[change.product] = change.changed(expected[change.product], x: x) }
                    for threads in [1, 2, 3] as [Int32] {
                        let workers = try Workers(threads)
                        let found = isa.run {
                            Self.multiply(weights, x: x, rows: rows, precision, changes, before: before, workers)
                        }
                        #expect(found.map(bits) == expected.map(bits), "\(rows) rows, \(threads) threads")
                    }
                    #expect(rows < 3 || expected[0] != plain[0])
                }
            }
        }

        @Test(arguments: stk_isa.available)
        func `of zeros, of no rows, or none at all change nothing`(isa: stk_isa) throws {
            var random = SplitMix(seed: 7)
            let weights = Self.weights(9)
            let workers = try Workers(2)
            let x = random.floats(6 * 96)
            let before = weights.map { random.floats(6 * $0.rows) }
            var zero = Change(0, rank: 8, of: weights[0], rows: 0..<6, random: &random)
            zero.u = zero.u.map { _ in 0 }
            let none = Change(0, rank: 8, of: weights[0], rows: 2..<2, random: &random)
            for precision in Self.precisions {
                isa.run {
                    let expected = Self.multiply(weights, x: x, rows: 6, precision, nil, before: before, workers)
                    for changes in [[zero], [none], []] {
                        let found = Self.multiply(
                            weights, x: x, rows: 6, precision, changes, before: before, workers)
                        #expect(found == expected)
                    }
                }
            }
        }
    }
}
