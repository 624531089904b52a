import CStoaKernels
import StoaTestKit
import Testing

extension Kernels {
    @Suite struct `Quantised activations` {
        @Test(arguments: stk_isa.available, [1, 31, 32, 33, 100, 576])
        func `are the same on every path, for any input`(isa: stk_isa, columns: Int) throws {
            let workers = try Workers(2)
            for seed in 0..<4 as Range<UInt64> {
                var random = SplitMix(seed: seed)
                let x = seed % 2 == 0 ? random.floats(5 * columns) : random.anyFloats(5 * columns)
                let results = [STK_ISA_SCALAR, isa].map { isa in
                    isa.run {
                        var activations = Activations(rows: 5, columns: columns, x: x)
                        activations.quantise(workers)
                        return activations
                    }
                }
                #expect(results[0].codes == results[1].codes)
                #expect(bits(results[0].scales) == bits(results[1].scales))
                #expect(results[0].sums == results[1].sums)
            }
        }

        @Test
        func `give back each number within half a step, and their sums`() throws {
            let workers = try Workers(2)
            var random = SplitMix(seed: 7)
            var activations = Activations(rows: 40, columns: 640, x: random.floats(40 * 640, scale: 3))
            activations.quantise(workers)
            for group in 0..<activations.scales.count {
                let (scale, range) = (activations.scales[group], group * 32..<group * 32 + 32)
                #expect(activations.x[range].map { abs($0) }.max().map { $0 / 127 } == scale)
                for i in range {
                    #expect(abs(Float(activations.codes[i]) * scale - activations.x[i]) <= scale * 0.50001)
                }
                for half in 0..<2 {
                    let codes = activations.codes[range].dropFirst(16 * half).prefix(16)
                    #expect(activations.sums[2 * group + half] == codes.reduce(0) { $0 + Int32($1) })
                }
            }
        }

        @Test
        func `are zero for groups of nothing and not a number for groups that are not finite`() throws {
            let workers = try Workers(1)
            var activations = Activations(rows: 1, columns: 128, x: Array(repeating: 0, count: 128))
            activations.x[40] = 1e-31
            activations.x[70] = .infinity
            activations.x[100] = .nan
            activations.quantise(workers)
            #expect(activations.scales[0] == 0 && activations.scales[1] == 0)
            #expect(activations.scales[2].isNaN && activations.scales[3].isNaN)
            #expect(activations.codes.allSatisfy { $0 == 0 })
        }
    }
}
