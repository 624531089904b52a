import CStoaKernels
import StoaTestKit
import Testing

extension Kernels {
    @Suite struct `Packed weights` {
        @Test(arguments: stk_type.all, [1, 16, 37])
        func `unpack to exactly the dequantised floats`(type: stk_type, rows: Int) {
            let weights = Weights(type, rows: rows, columns: type.isFloat ? 77 : 512, seed: UInt64(rows))
            for row in 0..<rows { #expect(weights.unpacked(row: row) == weights.dequantised(row: row)) }
            #expect(weights.unrepresentable == 0)
        }

        @Test(arguments: stk_type.all)
        func `take their rows in any order`(type: stk_type) {
            let order: [UInt32] = (0..<40).map { $0 * 7 % 40 }
            let plain = Weights(type, rows: 40, columns: 256, seed: 3)
            let permuted = Weights(type, rows: 40, columns: 256, seed: 3, order: order)
            for row in 0..<40 { #expect(permuted.unpacked(row: row) == plain.unpacked(row: Int(order[row]))) }
        }

        @Test(arguments: [STK_TYPE_Q4_0, STK_TYPE_Q5_0])
        func `report scales whose implied minimum f16 cannot hold`(type: stk_type) {
            let largest: Float = type == STK_TYPE_Q4_0 ? 8188 : 4094
            let held = Weights(type, rows: 2, columns: 64, seed: 5, scale: largest)
            #expect(held.unrepresentable == 0)
            #expect(held.unpacked(row: 1) == held.dequantised(row: 1))
            let beyond = Weights(type, rows: 2, columns: 64, seed: 5, scale: Float(Float16(largest).nextUp))
            #expect(beyond.unrepresentable == 4)
            #expect(beyond.unpacked(row: 0).allSatisfy { $0.isNaN })
        }

        @Test
        func `fit only whole groups and sizes that memory can have`() {
            #expect(stk_pack_bytes(STK_PACK_Q4, 17, 64) == 2 * 2 * 320)
            #expect(stk_pack_bytes(STK_PACK_Q4, 16, 63) == 0)
            #expect(stk_pack_bytes(STK_PACK_Q8K, 16, 40) == 0)
            #expect(stk_pack_bytes(STK_PACK_F32, .max, .max) == 0)
            #expect(stk_pack_bytes(STK_PACK_F32, 1 << 40, 1 << 40) == 0)
            #expect(stk_pack_for_type(stk_type(rawValue: 9)) == -1)
        }
    }
}
