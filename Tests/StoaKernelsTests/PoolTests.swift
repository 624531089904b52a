import CStoaKernels
import Synchronization
import Testing

extension Kernels {
    @Suite struct `Worker threads` {
        /// How often each index ran.
        final class Counts: Sendable {
            let counts: [Counter]
            init(_ size: Int) { counts = (0..<size).map { _ in Counter() } }

            final class Counter: Sendable {
                let value = Atomic(0)
            }
        }

        @Test(arguments: [1, 2, 3, 5] as [Int32])
        func `run every index once, region after region`(threads: Int32) throws {
            let workers = try Workers(threads)
            #expect(stk_pool_threads(workers.pool) == threads)
            for size in [0, 1, 2, 7, 100] {
                let counts = Counts(size)
                for _ in 0..<300 {
                    stk_pool_run(
                        workers.pool,
                        { context, index in
                            guard let context else { return }
                            let counts = Unmanaged<Counts>.fromOpaque(context).takeUnretainedValue()
                            counts.counts[index].value.add(1, ordering: .relaxed)
                        }, Unmanaged.passUnretained(counts).toOpaque(), size)
                }
                #expect(counts.counts.allSatisfy { $0.value.load(ordering: .relaxed) == 300 })
            }
        }

        @Test
        func `may be made and ended without work, and in absurd numbers not at all`() {
            for _ in 0..<20 { stk_pool_destroy(stk_pool_create(3)) }
            stk_pool_destroy(nil)
            #expect(stk_pool_create(0) == nil)
            #expect(stk_pool_create(-1) == nil)
            #expect(stk_pool_create(1_000_000) == nil)
        }

        @Test
        func `measure how fast memory is read`() throws {
            let workers = try Workers(2)
            let rate = stk_measure_read_bandwidth(workers.pool, 1 << 22, 3)
            #expect(rate > 1e8 && rate.isFinite)
        }
    }

    @Suite struct `Instruction sets` {
        @Test
        func `have names, and only those of this processor can be selected`() {
            let all = [STK_ISA_SCALAR, STK_ISA_AVX2, STK_ISA_AVX512, STK_ISA_NEON]
            #expect(all.map { String(cString: stk_isa_name($0)) } == ["scalar", "avx2", "avx512", "neon"])
            let before = stk_isa_current()
            for isa in all where stk_isa_available(isa) == 0 {
                #expect(stk_isa_select(isa) == 0)
                #expect(stk_isa_current() == before)
            }
            for isa in stk_isa.available { isa.run { #expect(stk_isa_current() == isa) } }
            #expect(stk_isa_current() == before)
        }
    }
}
