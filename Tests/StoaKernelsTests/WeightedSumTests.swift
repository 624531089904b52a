import CStoaKernels
import StoaTestKit
import Testing

extension Kernels {
    @Suite struct `Weighted sums` {
        private static func sum(_ weights: Weights, _ shares: [Float], _ workers: Workers) -> [Float] {
            var matrix = weights.matrix
            var out = [Float](repeating: .nan, count: weights.columns)
            stk_weighted_sum(workers.pool, &matrix, shares, &out)
            return out
        }

        /// The definition, in Swift.
        private static func defined(_ weights: Weights, _ shares: [Float]) -> [Float] {
            let rows = (0..<weights.rows).map { weights.dequantised(row: $0) }
            return (0..<weights.columns).map { column in
                var total = 0.0
                for block in stride(from: 0, to: weights.rows, by: 2048) {
                    var lanes = [Float](repeating: 0, count: 16)
                    for row in block..<min(block + 2048, weights.rows) {
                        lanes[row % 16].addProduct(shares[row], rows[row][column])
                    }
                    for half in [8, 4, 2, 1] {
                        for lane in 0..<half { lanes[lane] += lanes[lane + half] }
                    }
                    total += Double(lanes[0])
                }
                return Float(total)
            }
        }

        @Test(arguments: stk_type.all, stk_isa.available)
        func `follow their definition on every path and any number of threads`(type: stk_type, isa: stk_isa) throws {
            var random = SplitMix(seed: 31)
            for (rows, columns) in [
                (1, 256), (37, 512), (130, type.isFloat ? 77 : 256), (2100, type.isFloat ? 45 : 256),
            ] {
                let weights = Weights(type, rows: rows, columns: columns, seed: UInt64(rows))
                var shares = random.floats(rows)
                // Panels that are left out, and rows of others.
                for row in shares.indices where (64..<96).contains(row) || row % 5 == 0 { shares[row] = 0 }
                let expected = Self.defined(weights, shares)
                for threads in [1, 3] as [Int32] {
                    let workers = try Workers(threads)
                    #expect(isa.run { Self.sum(weights, shares, workers) } == expected, "\(rows) rows of \(columns)")
                }
            }
        }

        @Test(arguments: stk_type.all)
        func `are a row where its weight is one and the others are zero`(type: stk_type) throws {
            let weights = Weights(type, rows: 2100, columns: 256, seed: 33)
            let workers = try Workers(2)
            for row in [0, 15, 16, 63, 64, 2047, 2048, 2099] {
                var shares = [Float](repeating: 0, count: weights.rows)
                shares[row] = 1
                #expect(Self.sum(weights, shares, workers) == weights.dequantised(row: row))
            }
        }
    }
}
