import StoaTensor
import StoaTestKit
import Testing

@Suite struct `GGUF files` {
    @Test(arguments: [UInt32(2), 3], [1, 8, 32, 4096])
    func `what is written is read`(version: UInt32, alignment: Int) throws {
        var writer = GGUFWriter(version: version, alignment: alignment)
        let values: [(String, GGUFWriter.Value)] = [
            ("a.u8", .uint8(200)), ("a.i8", .int8(-100)), ("a.u16", .uint16(60000)), ("a.i16", .int16(-30000)),
            ("a.u32", .uint32(4_000_000_000)), ("a.i32", .int32(-2_000_000_000)), ("a.f32", .float32(1.5)),
            ("a.true", .bool(true)), ("a.string", .string("naïve ∑ 🙂")), ("a.empty", .string("")),
            ("a.u64", .uint64(1 << 40)), ("a.i64", .int64(-1 << 40)), ("a.f64", .float64(.pi)),
            ("a.strings", .strings(["", "a", "∑∑", "long " + String(repeating: "x", count: 300)])),
            ("a.ints", .int32s([.min, -1, 0, .max])), ("a.floats", .float32s([0.25, -0.0, .infinity])),
            ("a.bools", .array(.bool, [.bool(true), .bool(false)])), ("a.none", .strings([])),
            ("a.nested", .array(.array, [.int32s([1, 2]), .strings(["x"]), .array(.array, [.int32s([3])])])),
        ]
        for (key, value) in values { writer.add(key, value) }
        try writer.addTensor("one", shape: [3], floats: [1, 2, 3])
        try writer.addTensor("two.weight", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])
        try writer.addTensor("q", type: .q8_0, shape: [2, 1, 32], bytes: Array(repeating: 1, count: 68))
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.gguf"
        try writer.write(to: path)
        let file = try GGUFFile(path: path)
        let metadata = file.metadata

        #expect(file.version == Int(version))
        #expect(file.alignment == alignment)
        #expect(file.dataStart.isMultiple(of: alignment))
        #expect(metadata.keys.filter { $0.hasPrefix("a.") } == values.map(\.0))
        #expect(try metadata.int("a.u8") == 200)
        #expect(try metadata.int("a.i8") == -100)
        #expect(try metadata.int("a.u16") == 60000)
        #expect(try metadata.int("a.i16") == -30000)
        #expect(try metadata.int("a.u32") == 4_000_000_000)
        #expect(try metadata.int("a.i32") == -2_000_000_000)
        #expect(try metadata.int("a.u64") == 1 << 40)
        #expect(try metadata.int("a.i64") == -1 << 40)
        #expect(try metadata.double("a.f32") == 1.5)
        #expect(try metadata.double("a.f64") == .pi)
        #expect(try metadata.double("a.u8") == 200)
        #expect(try metadata.bool("a.true") == true)
        #expect(try metadata.string("a.string") == "naïve ∑ 🙂")
        #expect(try metadata.string("a.empty") == "")
        #expect(try metadata.ints("a.ints") == [.min, -1, 0, .max])
        #expect(try metadata.floats("a.floats")?.map(\.bitPattern) == [0.25, -0.0, Float.infinity].map(\.bitPattern))
        #expect(metadata.value("a.bools")?.arrayValue?.bools == [true, false])
        #expect(metadata.value("a.nested")?.arrayValue?.count == 3)
        #expect(try metadata.int("absent") == nil)
        let strings = try #require(try metadata.strings("a.strings"))
        #expect(
            (0..<strings.count).map { strings[$0] } == ["", "a", "∑∑", "long " + String(repeating: "x", count: 300)])
        var lengths: [Int] = []
        strings.forEach { lengths.append($1.count) }
        #expect(lengths == [0, 1, 6, 305])
        #expect(try metadata.strings("a.none")?.count == 0)

        #expect(file.tensorNames == ["one", "two.weight", "q"])
        #expect(try file.tensor("one").dequantised() == [1, 2, 3])
        let two = try file.tensor("two.weight")
        #expect(two.shape == [2, 3])
        #expect(two.rows == 2 && two.columns == 3)
        #expect(two.dequantised() == [1, 2, 3, 4, 5, 6])
        #expect(try file.tensor("q").shape == [2, 1, 32])
        #expect(try file.allTensors().count == 3)
        #expect(try file.findTensor("absent") == nil)
    }

    @Test
    func `wrong requests name key, type and shape`() throws {
        var writer = GGUFWriter()
        writer.add("k", .string("text"))
        try writer.addTensor("blk.3.attn_q.weight", shape: [3, 2], floats: [1, 2, 3, 4, 5, 6])
        let folder = try TemporaryFolder()
        let path = try folder.write("a.gguf", writer.encoded())
        let file = try GGUFFile(path: path)
        #expect(
            thrown(WeightFileError.self) { _ = try file.metadata.int("k") }?.message
                == "GGUF metadata \"k\": expected an integer, found a string (\(path))")
        #expect(
            thrown(WeightFileError.self) { _ = try file.metadata.require("n", file.metadata.int) }?.message
                == "GGUF metadata \"n\": not found (\(path))")
        #expect(
            thrown(WeightFileError.self) { _ = try file.tensor("gone") }?.message
                == "GGUF tensor \"gone\": not found among 1 tensors (\(path))")
        #expect(
            thrown(WeightFileError.self) { try file.tensor("blk.3.attn_q.weight").requireShape([3, 3]) }?.message
                == "GGUF tensor \"blk.3.attn_q.weight\": expected shape [3, 3], file has [3, 2] (\(path))")
        #expect(
            thrown(WeightFileError.self) { try writer.addTensor("bad", type: .q4_0, shape: [2, 31], bytes: []) }?
                .message
                == "GGUF tensor \"bad\": shape [2, 31] of Q4_0 needs whole blocks in each row, got 0 bytes (in memory)")
    }
}
