import CStoaKernels
import StoaTestKit
import Testing

extension Kernels {
    @Suite struct Attention {
        /// One scene of each kind: head widths, both caches, windows, caps, masks, lengths around the partitions.
        static func scene(_ index: Int) -> Scene {
            let dims = [16, 48, 64, 96, 128, 256]
            let kv = index % 2 == 0 ? STK_KV_F16 : STK_KV_F32
            switch index {
            case 0..<6: return Scene(kv: kv, heads: 4, kvHeads: 2, headDim: dims[index], rows: 140)
            case 6: return Scene(kv: kv, heads: 9, kvHeads: 3, headDim: 64, rows: 300)
            case 7: return Scene(kv: kv, heads: 4, kvHeads: 1, headDim: 32, rows: 290, window: 33)
            case 8: return Scene(kv: kv, heads: 2, kvHeads: 2, headDim: 32, rows: 150, cap: 5, masked: true)
            case 9: return Scene(kv: kv, heads: 3, kvHeads: 1, headDim: 32, rows: 150, window: 50, masked: true)
            case 10: return Scene(kv: kv, heads: 2, kvHeads: 1, headDim: 64, rows: 1)
            case 11: return Scene(kv: kv, heads: 2, kvHeads: 1, headDim: 64, rows: 128)
            default: return Scene(kv: kv, heads: 2, kvHeads: 1, headDim: 64, rows: 129)
            }
        }
        static let scenes = 0..<13

        @Test(arguments: scenes)
        func `is the softmax of the formula`(index: Int) throws {
            let scene = Self.scene(index)
            let out = scene.attend([0..<scene.rows], try Workers(2))
            let d = scene.headDim
            for query in stride(from: 0, to: scene.rows, by: max(1, scene.rows / 5)) {
                for head in stride(from: 0, to: scene.heads, by: 2) {
                    let found = out[(query * scene.heads + head) * d..<(query * scene.heads + head + 1) * d]
                    let expected = scene.reference(query: query, head: head)
                    let size = expected.map(abs).max() ?? 0
                    for (a, b) in zip(found, expected) { #expect(abs(Double(a) - b) <= 1e-5 * max(size, 0.1)) }
                }
            }
        }

        @Test(arguments: scenes, stk_isa.available)
        func `has the same bits on every path, whole, in chunks, row by row and in batches`(
            index: Int, isa: stk_isa
        ) throws {
            let scene = Self.scene(index)
            let (one, two, three) = (try Workers(1), try Workers(2), try Workers(3))
            let whole = STK_ISA_SCALAR.run { scene.attend([0..<scene.rows], one) }
            isa.run {
                #expect(scene.attend([0..<scene.rows], two) == whole)
                #expect(scene.attend((0..<scene.rows).map { $0..<$0 + 1 }, two) == whole)
                #expect(scene.attend((0..<scene.rows).map { $0..<$0 + 1 }, together: true, three) == whole)
                for size in [7, 50, 128] {
                    let chunks = stride(from: 0, to: scene.rows, by: size).map { $0..<min($0 + size, scene.rows) }
                    #expect(scene.attend(chunks, one) == whole)
                    #expect(scene.attend(chunks, together: true, two) == whole)
                }
            }
        }

        @Test(arguments: stk_isa.available)
        func `gives hidden rows no weight, whatever they hold`(isa: stk_isa) throws {
            let (one, two) = (try Workers(1), try Workers(2))
            let scene = Scene(kv: STK_KV_F32, heads: 2, kvHeads: 1, headDim: 32, rows: 200, window: 40)
            isa.run {
                let before = scene.attend([0..<200], two)
                for (index, value) in [Float.nan, .infinity].enumerated() {
                    for i in 0..<32 {
                        for isValue in [false, true] {
                            let at = scene.offset(row: 20 + index, kvHead: 0, i, value: isValue)
                            scene.pages.start.storeBytes(of: value, toByteOffset: at, as: Float.self)
                        }
                    }
                }
                // Rows 0...19 come before them; from row 61 on they lie outside the window.
                for runs in [[0..<200], (0..<200).map { $0..<$0 + 1 }] {
                    let after = scene.attend(runs, one)
                    let changed = Set((0..<200 * 64).filter { after[$0] != before[$0] }.map { $0 / 64 })
                    #expect(changed == Set(20...60))
                    #expect(after[20 * 64..<61 * 64].allSatisfy { !$0.isFinite })
                }
            }
        }

        @Test
        func `of no queries does nothing`() throws {
            let scene = Self.scene(0)
            #expect(scene.attend([], together: true, try Workers(2)).allSatisfy { $0.isNaN })
            #expect(scene.attend([5..<5], try Workers(2)).allSatisfy { $0.isNaN })
        }
    }
}
