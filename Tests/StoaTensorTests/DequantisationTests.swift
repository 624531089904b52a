import CStoaKernels
import StoaTensor
import StoaTestKit
import Testing

@Suite struct `Dequantisation` {
    @Test(arguments: ElementType.allCases)
    func `equals the reference bit for bit`(type: ElementType) throws {
        let blocks = try golden("quantisation/\(type.name).blocks.bin")
        let expected = try golden("quantisation/\(type.name).floats.bin").withUnsafeBytes { source in
            (0..<source.count / 4).map { source.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
        }
        #expect(type.byteCount(elements: expected.count) == blocks.count)
        var floats = [Float](repeating: .nan, count: expected.count)
        stk_dequantise(type.kernelType, blocks, &floats, floats.count)
        #expect(floats.map(\.bitPattern) == expected)
    }

    @Test(arguments: ElementType.allCases)
    func `expands rows as it expands the whole, at any alignment`(type: ElementType) throws {
        let blocks = try golden("quantisation/\(type.name).blocks.bin")
        let columns = 256
        let rows = blocks.count / (columns / type.blockElements * type.blockBytes)
        var writer = GGUFWriter(alignment: 1)
        writer.add("padding", .string("odd"))
        try writer.addTensor("odd", type: .f32, shape: [1], bytes: [0, 0, 0, 0])
        try writer.addTensor("w", type: type, shape: [rows, columns], bytes: Array(blocks))
        let folder = try TemporaryFolder()
        let tensor = try GGUFFile(path: try folder.write("a.gguf", writer.encoded())).tensor("w")
        let whole = tensor.dequantised()
        for first in 0..<rows {
            var part = [Float](repeating: .nan, count: (rows - first) * columns)
            part.withUnsafeMutableBufferPointer { tensor.dequantiseRows(first..<rows, into: $0) }
            #expect(part.map(\.bitPattern) == whole[(first * columns)...].map(\.bitPattern))
        }
    }

    @Test
    func `expands every half and every bfloat16 exactly`() {
        let patterns = (0...UInt16.max).map { $0 }
        var halves = [Float](repeating: 0, count: patterns.count)
        stk_dequantise(STK_TYPE_F16, patterns, &halves, patterns.count)
        var brains = halves
        stk_dequantise(STK_TYPE_BF16, patterns, &brains, patterns.count)
        for pattern in patterns {
            let half = Float16(bitPattern: pattern)
            if half.isNaN {
                #expect(halves[Int(pattern)].isNaN)
            } else {
                #expect(halves[Int(pattern)].bitPattern == Float(half).bitPattern)
            }
            #expect(brains[Int(pattern)].bitPattern == UInt32(pattern) << 16)
        }
    }

    @Test
    func `numbers that are no supported type have no size`() {
        let supported = Set(ElementType.allCases.map { Int32($0.rawValue) })
        for number in Int32(-1)...64 where !supported.contains(number) {
            #expect(stk_type_block_elements(number) == 0)
            #expect(stk_type_block_bytes(number) == 0)
        }
        #expect(ElementType.q4K.bitsPerElement == 4.5)
    }
}
