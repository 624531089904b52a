import CStoaKernels
import Glibc
import StoaTestKit
import Testing

extension Kernels {
    @Suite struct Rows {
        static let sizes = [0, 1, 7, 15, 16, 17, 31, 33, 64, 100, 1000]

        /// What every function makes of x and y, one after the other.
        func everything(_ x: [Float], _ y: [Float], _ workers: Workers) -> [[Float]] {
            let n = x.count
            var results: [[Float]] = []
            func append(_ body: (inout [Float]) -> Void) {
                var out = y
                body(&out)
                results.append(out)
            }
            append { stk_add(x, &$0, n) }
            append { stk_scale(1.3, &$0, n) }
            append { stk_soft_cap(5, &$0, n) }
            append { stk_silu_multiply(workers.pool, &$0, x, n, 1, n) }
            append { stk_gelu_multiply(workers.pool, &$0, x, n, 1, n) }
            append { stk_rms_norm(workers.pool, x, n, y, 1e-5, 1, n, &$0, n) }
            append { stk_rms_norm(workers.pool, x, n, nil, 1e-5, 1, n, &$0, n) }
            let total = stk_log_sum_exp(x, n)
            results.append([stk_max(x, n), Float(stk_argmax(x, n)), stk_dot(x, y, n), stk_norm(x, n), Float(total)])
            results.append([Float(total - Double(Float(total)))])
            return results
        }

        @Test(arguments: stk_isa.available, sizes)
        func `are the same on every path, for any input`(isa: stk_isa, size: Int) throws {
            let workers = try Workers(1)
            for seed in 0..<6 as Range<UInt64> {
                var random = SplitMix(seed: seed)
                let (x, y) =
                    seed % 2 == 0
                    ? (random.floats(size, scale: 3), random.floats(size, scale: 3))
                    : (random.anyFloats(size), random.anyFloats(size))
                let expected = STK_ISA_SCALAR.run { everything(x, y, workers) }
                let found = isa.run { everything(x, y, workers) }
                for (a, b) in zip(expected, found) { #expect(bits(a) == bits(b)) }
            }
        }

        @Test(arguments: stk_isa.available)
        func `do not depend on the number of threads or of rows`(isa: stk_isa) throws {
            var random = SplitMix(seed: 3)
            let (rows, n) = (80, 700)
            let (x, weight) = (random.floats(rows * n), random.floats(n))
            try isa.run {
                func results(_ workers: Workers, _ m: Int, _ first: Int) -> ([Float], [Float]) {
                    let part = Array(x[first * n..<(first + m) * n])
                    var (norm, gate) = (part, part)
                    stk_rms_norm(workers.pool, part, n, weight, 1e-6, m, n, &norm, n)
                    stk_gelu_multiply(workers.pool, &gate, part, n, m, n)
                    return (norm, gate)
                }
                let whole = results(try Workers(1), rows, 0)
                for threads in [2, 3] as [Int32] {
                    #expect(try results(Workers(threads), rows, 0) == whole)
                }
                let workers = try Workers(2)
                let single = (0..<rows).map { results(workers, 1, $0) }
                #expect(single.flatMap(\.0) == whole.0)
                #expect(single.flatMap(\.1) == whole.1)
            }
        }

        @Test
        func `are near double precision`() throws {
            let workers = try Workers(1)
            let x = stride(from: Float(-30), through: 30, by: 0.0173).map { $0 }
            let ones = [Float](repeating: 1, count: x.count)
            var (silu, gelu, cap) = (x, x, x)
            stk_silu_multiply(workers.pool, &silu, ones, x.count, 1, x.count)
            stk_gelu_multiply(workers.pool, &gelu, ones, x.count, 1, x.count)
            stk_soft_cap(2, &cap, x.count)
            for (index, value) in x.map(Double.init).enumerated() {
                let silu64 = value / (1 + exp(-value))
                #expect(abs(Double(silu[index]) - silu64) <= 4e-7 * abs(silu64))
                let gelu64 = 0.5 * value * (1 + tanh(0.7978845608028654 * (value + 0.044715 * value * value * value)))
                // The argument of the exponential grows as x cubed, and its rounding with it.
                #expect(abs(Double(gelu[index]) - gelu64) <= 4e-7 * max(abs(gelu64), abs(value) * 1e-1))
                #expect(abs(Double(cap[index]) - 2 * tanh(value / 2)) <= 4e-7 * abs(2 * tanh(value / 2)))
            }
            let total = log(x.reduce(0) { $0 + exp(Double($1)) })
            #expect(abs(stk_log_sum_exp(x, x.count) - total) < 1e-7)
            #expect(abs(Double(stk_norm(x, x.count)) - sqrt(x.reduce(0) { $0 + Double($1) * Double($1) })) < 1e-3)
        }

        @Test(arguments: stk_isa.available)
        func `find the first of the largest, never NaN`(isa: stk_isa) {
            isa.run {
                for n in [1, 16, 40, 200] {
                    for place in [0, n / 2, n - 1] {
                        var x = [Float](repeating: -3, count: n)
                        for later in place..<n where (later - place) % 3 == 0 { x[later] = 5 }
                        #expect(stk_argmax(x, n) == place)
                        if place > 0 { x[place - 1] = .nan }
                        #expect(stk_argmax(x, n) == place)
                        #expect(stk_max(x, n) == 5)
                    }
                    #expect(stk_argmax([Float](repeating: .nan, count: n), n) == 0)
                }
                #expect(stk_argmax([], 0) == 0)
                #expect(stk_max([], 0) == -.infinity)
                #expect(stk_log_sum_exp([], 0) == -.infinity)
                #expect(stk_log_sum_exp([-.infinity, -.infinity], 2) == -.infinity)
                #expect(stk_log_sum_exp([-.infinity, 2], 2) == 2)
            }
        }

        @Test(arguments: stk_isa.available)
        func `convert halves as the language does, and saturate`(isa: stk_isa) {
            isa.run {
                let halves = (0...UInt16.max).map { $0 }
                var floats = [Float](repeating: 0, count: halves.count)
                stk_f16_to_f32(halves, &floats, halves.count)
                #expect(bits(floats) == bits(halves.map { Float(Float16(bitPattern: $0)) }))
                var random = SplitMix(seed: 1)
                var x = (0..<5000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
                x += floats.flatMap { [$0, $0.nextUp, ($0 + $0.nextUp) / 2] }
                // Halfway between neighbouring halves, where rounding to even decides.
                x += halves.dropLast().map {
                    Float(Float16(bitPattern: $0)) / 2 + Float(Float16(bitPattern: $0 + 1)) / 2
                }
                var back = [UInt16](repeating: 0, count: x.count)
                stk_f32_to_f16(x, &back, x.count)
                let wrong = zip(x, back).filter { value, half in
                    let expected = value.isNaN ? .nan : Float16(min(max(value, -65504), 65504))
                    let found = Float16(bitPattern: half)
                    return expected.isNaN ? !found.isNaN : found.bitPattern != expected.bitPattern
                }
                #expect(wrong.isEmpty)
            }
        }

        @Test(arguments: stk_isa.available, [2, 16, 30, 64, 128])
        func `rotate pairs by the factors of their position`(isa: stk_isa, dims: Int) {
            var random = SplitMix(seed: UInt64(dims))
            let (first, second) = (random.floats(512 * dims), random.floats(512 * dims))
            let x = random.floats(3 * 128)
            first.withUnsafeBufferPointer { first in
                second.withUnsafeBufferPointer { second in
                    [first.baseAddress, second.baseAddress].withUnsafeBufferPointer { blocks in
                        var rope = stk_rope(blocks: blocks.baseAddress!, dims: dims)
                        for position in [0, 511, 512, 700] {
                            let block = position < 512 ? first : second
                            let factors = block[position % 512 * dims..<(position % 512 + 1) * dims].map { $0 }
                            var found = x
                            isa.run { stk_rotate(&rope, Int32(position), &found, 3, 128) }
                            for head in 0..<3 {
                                for i in 0..<128 where i >= dims { #expect(found[head * 128 + i] == x[head * 128 + i]) }
                                for i in 0..<dims / 2 {
                                    let (a, b) = (x[head * 128 + i], x[head * 128 + i + dims / 2])
                                    let (c, s) = (factors[i], factors[dims / 2 + i])
                                    #expect(found[head * 128 + i] == (-(b * s)).addingProduct(a, c))
                                    #expect(found[head * 128 + i + dims / 2] == (a * s).addingProduct(b, c))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
