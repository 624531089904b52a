import StoaTensor
import StoaTestKit
import Testing

@Suite struct `Safetensors files` {
    /// A file with the given header and so many bytes of data.
    private func file(_ header: String, data: Int = 0, claiming length: UInt64? = nil) -> [UInt8] {
        var bytes = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Array($0) }
        bytes += header.utf8
        return bytes + Array(repeating: 0, count: data)
    }

    private func problem(_ bytes: [UInt8]) throws -> String {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.safetensors", bytes)
        let error = try #require(thrown(WeightFileError.self) { _ = try SafetensorsFile(path: path) })
        #expect(error.message.hasSuffix(" (\(path))"))
        return "\(error.subject): \(error.problem)"
    }

    private func entry(_ name: String, _ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
    }

    @Test
    func `what is written is read`() throws {
        var writer = SafetensorsWriter()
        writer.addMetadata("format", "pt \"quoted\"\n")
        try writer.addTensor("model.a", shape: [2, 2], floats: [1, -2, 3.5, 4])
        try writer.addTensor("scalar", shape: [], floats: [9])
        try writer.addTensor("empty", shape: [0, 4], floats: [])
        try writer.addTensor("b", type: .bf16, shape: [3], bytes: [0x80, 0x3F, 0x00, 0xC0, 0x00, 0x00])
        try writer.addTensor("naïve", type: .f16, shape: [1], bytes: [0x00, 0x3C])
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.safetensors"
        try writer.write(to: path)
        let file = try SafetensorsFile(path: path)
        #expect(file.tensorNames == ["model.a", "scalar", "empty", "b", "naïve"])
        #expect(try file.tensor("model.a").dequantised() == [1, -2, 3.5, 4])
        #expect(try file.tensor("model.a").shape == [2, 2])
        #expect(try file.tensor("scalar").dequantised() == [9])
        #expect(try file.tensor("scalar").shape == [])
        #expect(try file.tensor("empty").dequantised() == [])
        #expect(try file.tensor("b").dequantised() == [1, -2, 0])
        #expect(try file.tensor("naïve").dequantised() == [1])
        #expect(file.metadata("format") == "pt \"quoted\"\n")
        #expect(file.metadata("other") == nil)
        #expect(
            thrown(WeightFileError.self) { _ = try file.tensor("gone") }?.message
                == "safetensors tensor \"gone\": not found among 5 tensors (\(path))")
    }

    @Test
    func `other element types are an error when they are asked for`() throws {
        let folder = try TemporaryFolder()
        let header = "{\(entry("ids", "I64", "[2]", 0, 16)),\(entry("w", "F32", "[1]", 16, 20))}"
        let path = try folder.write("a.safetensors", file(header, data: 20))
        let file = try SafetensorsFile(path: path)
        #expect(try file.tensor("w").dequantised() == [0])
        let error = try #require(thrown(WeightFileError.self) { _ = try file.tensor("ids") })
        #expect(error.message == "safetensors tensor \"ids\": element type I64 is not supported (\(path))")
        #expect(error.hint == "supported: F32, F16, BF16")
    }

    @Test
    func `headers that do not fit are refused`() throws {
        #expect(try problem([1, 2, 3]) == "safetensors header: needs 10 bytes at least, the file has 3")
        #expect(
            try problem(file("{}", claiming: 3))
                == "safetensors header: claims 3 bytes, the file has 2 behind it and 100000000 are the most")
        #expect(
            try problem(file("{}", claiming: .max))
                == "safetensors header: claims 18446744073709551615 bytes, "
                + "the file has 2 behind it and 100000000 are the most")
        #expect(try problem(file("[]")) == "safetensors header: expected '{' at byte 8")
        #expect(
            try problem(file("{} x")) == "safetensors header: unexpected text behind the header's object at byte 11")
        #expect(try problem(file("{\"a")) == "safetensors header: string without an end at byte 11")
        #expect(try problem(file("{\"a\\u0062\":1}")).contains("a tensor's name is empty or has escapes"))
    }

    @Test
    func `entries that contradict themselves are refused`() throws {
        func one(_ type: String, _ shape: String, _ begin: Int, _ end: Int, data: Int) throws -> String {
            try problem(file("{\(entry("w", type, shape, begin, end))}", data: data))
        }
        #expect(
            try one("F32", "[2,3]", 0, 20, data: 20)
                == "safetensors tensor \"w\": shape [2, 3] of F32 needs 24 bytes, its data_offsets give 20")
        #expect(
            try one("F16", "[4294967296,4294967296]", 0, 20, data: 20)
                == "safetensors tensor \"w\": the product of its shape [4294967296, 4294967296] overflows")
        #expect(try one("F32", "[-1]", 0, 4, data: 4).contains("expected an integer from 0 on"))
        #expect(try one("F32", "[1.5]", 0, 4, data: 4).contains("expected ']'"))
        #expect(try one("F32", "[99999999999999999999]", 0, 4, data: 4).contains("integer too large"))
        #expect(try one("F32", "[1,1,1,1,1,1,1,1,1]", 0, 4, data: 4).contains("expected at most 8 integers"))
        #expect(
            try problem(file("{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}", data: 4))
                == "safetensors tensor \"w\": expected dtype, shape and two data_offsets")
        #expect(
            try one("F32", "[1]", 8, 4, data: 8)
                == "safetensors tensor \"w\": its data_offsets [8, 4] run backwards")
    }

    @Test
    func `data must be covered once and completely`() throws {
        func two(_ first: (Int, Int), _ second: (Int, Int), data: Int) throws -> String {
            let entries = [("a", first), ("b", second)].map { name, place in
                entry(name, "U8", "[\(place.1 - place.0)]", place.0, place.1)
            }
            return try problem(file("{\(entries.joined(separator: ","))}", data: data))
        }
        #expect(
            try two((0, 4), (2, 6), data: 6)
                == "safetensors tensor \"b\": begins at byte 2 of the data, expected 4")
        #expect(
            try two((4, 8), (0, 3), data: 8)
                == "safetensors tensor \"a\": begins at byte 4 of the data, expected 3")
        #expect(
            try two((0, 4), (4, 9), data: 8) == "safetensors tensor \"b\": ends at byte 9 of the data, the file has 8")
        #expect(
            try two((0, 4), (4, 8), data: 9) == "safetensors data: tensors cover 8 bytes, the file has 9")
        let twice = "{\(entry("w", "U8", "[1]", 0, 1)),\(entry("w", "U8", "[1]", 1, 2))}"
        #expect(try problem(file(twice, data: 2)) == "safetensors tensor \"w\": appears twice")
    }
}
