import CStoaKernels
import StoaTestKit
import Testing

extension Kernels {
    @Suite struct Products {
        static let shapes = [(1, 1), (1, 130), (2, 16), (3, 33), (7, 48), (8, 100), (13, 17), (64, 32)]

        /// The definition, in Swift: fused multiply-adds over the columns in order, in blocks of 64 that are added in order.
        func exact(_ x: ArraySlice<Float>, _ row: [Float]) -> Float {
            var sum: Float = 0
            for start in stride(from: 0, to: row.count, by: 64) {
                let columns = start..<min(start + 64, row.count)
                sum += columns.reduce(into: Float(0)) { $0.addProduct(x[x.startIndex + $1], row[$1]) }
            }
            return sum
        }

        @Test(arguments: stk_type.all, stk_isa.available)
        func `in exact are fused sums over the dequantised weights`(type: stk_type, isa: stk_isa) throws {
            let workers = try Workers(2)
            var random = SplitMix(seed: 11)
            let (rows, outputs, columns) = (5, 21, type.isFloat ? 45 : 256)
            let weights = Weights(type, rows: outputs, columns: columns, seed: 12)
            var activations = Activations(rows: rows, columns: columns, x: random.floats(rows * columns))
            let y = isa.run { activations.times(weights, STK_EXACT, workers) }
            for output in 0..<outputs {
                let row = weights.dequantised(row: output)
                for t in 0..<rows {
                    #expect(y[t * outputs + output] == exact(activations.x[t * columns..<(t + 1) * columns], row))
                }
            }
        }

        @Test(arguments: stk_type.all, stk_isa.available)
        func `have the scalar bits on every path`(type: stk_type, isa: stk_isa) throws {
            let workers = try Workers(2)
            for (index, (rows, outputs)) in Self.shapes.enumerated() {
                var random = SplitMix(seed: UInt64(index))
                let columns = type.isFloat ? 31 + 40 * index : 256 * (1 + index % 3)
                let weights = Weights(type, rows: outputs, columns: columns, seed: UInt64(100 + index))
                var activations = Activations(rows: rows, columns: columns, x: random.floats(rows * columns))
                activations.quantise(workers)
                let bias = index % 2 == 0 ? random.floats(outputs) : nil
                let before = index % 3 == 0 ? random.floats(rows * outputs) : nil
                for precision in [STK_EXACT, STK_FAST] {
                    let results = [STK_ISA_SCALAR, isa].map { isa in
                        isa.run { activations.times(weights, precision, bias: bias, onto: before, workers) }
                    }
                    #expect(bits(results[0]) == bits(results[1]), "\(rows) rows, \(outputs) outputs")
                }
            }
        }

        @Test(arguments: stk_type.all, stk_isa.available)
        func `do not depend on how rows are grouped or how many threads there are`(type: stk_type, isa: stk_isa) throws
        {
            let (rows, outputs, columns) = (64, 50, 512)
            var random = SplitMix(seed: 21)
            let weights = Weights(type, rows: outputs, columns: columns, seed: 22)
            var activations = Activations(rows: rows, columns: columns, x: random.floats(rows * columns))
            try isa.run {
                for precision in [STK_EXACT, STK_FAST] {
                    activations.quantise(try Workers(1))
                    let whole = activations.times(weights, precision, try Workers(1))
                    for threads in [1, 2, 3] as [Int32] {
                        let workers = try Workers(threads)
                        activations.quantise(workers)
                        for size in [1, 2, 8, 64] {
                            let parts = stride(from: 0, to: rows, by: size).flatMap { first in
                                activations.times(weights, precision, rows: first..<first + size, workers)
                            }
                            #expect(parts == whole, "\(size) rows, \(threads) threads")
                        }
                    }
                }
            }
        }

        @Test(arguments: stk_type.all)
        func `in fast are near the exact ones`(type: stk_type) throws {
            let workers = try Workers(2)
            var random = SplitMix(seed: 31)
            let (rows, outputs, columns) = (6, 40, 1024)
            let weights = Weights(type, rows: outputs, columns: columns, seed: 32)
            var activations = Activations(rows: rows, columns: columns, x: random.floats(rows * columns))
            activations.quantise(workers)
            let exact = activations.times(weights, STK_EXACT, workers)
            let fast = activations.times(weights, STK_FAST, workers)
            let size = (exact.reduce(0) { $0 + $1 * $1 } / Float(exact.count)).squareRoot()
            for (a, b) in zip(exact, fast) { #expect(abs(a - b) <= 0.05 * size) }
            if type.isFloat { #expect(exact == fast) }
        }

        @Test(arguments: stk_isa.available)
        func `show what is not finite and stop`(isa: stk_isa) throws {
            let workers = try Workers(2)
            let weights = Weights(STK_TYPE_Q8_0, rows: 20, columns: 64, seed: 41)
            for bad in [Float.nan, .infinity] {
                var activations = Activations(rows: 2, columns: 64, x: Array(repeating: 1, count: 128))
                activations.x[70] = bad
                isa.run {
                    activations.quantise(workers)
                    for precision in [STK_EXACT, STK_FAST] {
                        let y = activations.times(weights, precision, workers)
                        #expect(y[..<20].allSatisfy { $0.isFinite })
                        #expect(y[20...].allSatisfy { !$0.isFinite })
                    }
                }
            }
        }

        @Test
        func `of several matrices come out of one call, and of none as bias`() throws {
            let workers = try Workers(2)
            var random = SplitMix(seed: 51)
            let parts = [STK_TYPE_Q4_1, STK_TYPE_Q8_0, STK_TYPE_Q6_K, STK_TYPE_F16].enumerated().map { index, type in
                Weights(type, rows: 30 + 16 * index, columns: 256, seed: UInt64(index))
            }
            var activations = Activations(rows: 3, columns: 256, x: random.floats(3 * 256))
            activations.quantise(workers)
            let apart = parts.map { activations.times($0, STK_FAST, workers) }
            let matrices = parts.map(\.matrix)
            let outputs = parts.map { AlignedBytes(3 * $0.rows * 4) }
            activations.with(0..<3) { activations in
                matrices.withUnsafeBufferPointer { matrices in
                    let products = parts.indices.map { index in
                        stk_product(
                            w: matrices.baseAddress! + index, bias: nil,
                            y: outputs[index].start.assumingMemoryBound(to: Float.self), stride: parts[index].rows,
                            accumulate: 0)
                    }
                    stk_multiply(workers.pool, STK_FAST, &activations, products, products.count)
                }
            }
            for (index, expected) in apart.enumerated() {
                let floats = outputs[index].start.assumingMemoryBound(to: Float.self)
                #expect(Array(UnsafeBufferPointer(start: floats, count: expected.count)) == expected)
            }
            let empty = Weights(STK_TYPE_F32, rows: 3, columns: 0, seed: 1)
            var nothing = Activations(rows: 1, columns: 0, x: [0])
            #expect(nothing.times(empty, STK_EXACT, bias: [1, 2, 3], workers) == [1, 2, 3])
        }
    }
}
