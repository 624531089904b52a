import StoaTensor
import StoaTestKit
import Testing

/// Bytes of a GGUF file put together by hand, so that they can lie.
struct GGUFBytes {
    var bytes: [UInt8]

    init(tensors: UInt64 = 0, keys: UInt64 = 0, version: UInt32 = 3) {
        bytes = Array("GGUF".utf8)
        u32(version)
        u64(tensors)
        u64(keys)
    }

    mutating func u32(_ value: UInt32) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    mutating func u64(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    mutating func string(_ text: String) {
        u64(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func key(_ name: String, type: UInt32) {
        string(name)
        u32(type)
    }

    mutating func tensor(_ name: String, dimensions: [UInt64], type: UInt32, offset: UInt64) {
        string(name)
        u32(UInt32(dimensions.count))
        for dimension in dimensions { u64(dimension) }
        u32(type)
        u64(offset)
    }

    mutating func data(_ count: Int) {
        while !bytes.count.isMultiple(of: 32) { bytes.append(0) }
        bytes += Array(repeating: 0, count: count)
    }
}

@Suite struct `Malformed GGUF files` {
    private func problem(_ bytes: [UInt8]) throws -> String {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.gguf", bytes)
        let error = try #require(thrown(WeightFileError.self) { _ = try GGUFFile(path: path) })
        #expect(error.path == path)
        #expect(error.message.hasSuffix(" (\(path))"))
        return "\(error.subject): \(error.problem)"
    }

    private func keyed(_ build: (inout GGUFBytes) -> Void) throws -> String {
        var file = GGUFBytes(keys: 1)
        build(&file)
        return try problem(file.bytes)
    }

    private func tensor(
        _ dimensions: [UInt64], type: UInt32 = 0, offset: UInt64 = 0, data: Int = 4096
    ) throws -> String {
        var file = GGUFBytes(tensors: 1)
        file.tensor("w", dimensions: dimensions, type: type, offset: offset)
        file.data(data)
        return try problem(file.bytes)
    }

    @Test
    func `a header that is none says what it found`() throws {
        #expect(
            try problem(Array("PK".utf8) + [3, 4, 0])
                == "GGUF header: expected the magic \"GGUF\", found 50 4b 03 04")
        #expect(try problem([0x47]) == "GGUF header: expected the magic \"GGUF\", found 47")
        #expect(
            try problem(Array("GGUF".utf8)) == "GGUF header: needs 4 bytes at offset 4, the file ends at 4")
        #expect(try problem(GGUFBytes(version: 1).bytes) == "GGUF header: expected version 2 or 3, found 1")
        #expect(
            try problem(GGUFBytes(version: UInt32(3).byteSwapped).bytes)
                == "GGUF header: the file is big-endian, only little-endian files are read")
    }

    @Test
    func `counts that the file cannot hold are refused before anything is made for them`() throws {
        #expect(
            try problem(GGUFBytes(tensors: .max).bytes)
                == "GGUF header: claims 18446744073709551615 tensors, of which at most 0 fit the 8 bytes that follow")
        #expect(
            try problem(GGUFBytes(keys: 1 << 63).bytes)
                == "GGUF header: claims 9223372036854775808 metadata keys, of which at most 0 fit the 0 bytes that follow"
        )
        #expect(
            try keyed {
                $0.key("k", type: 9)
                $0.u32(8)
                $0.u64(1 << 61)
            }
                == "GGUF metadata \"k\": claims 2305843009213693952 elements, of which at most 0 fit the 0 bytes that follow"
        )
        #expect(
            try keyed {
                $0.key("k", type: 8)
                $0.u64(.max)
            } == "GGUF metadata \"k\": needs 18446744073709551615 bytes at offset 45, the file ends at 45")
    }

    @Test
    func `metadata that breaks the format is refused`() throws {
        #expect(
            try keyed {
                $0.key("k", type: 13)
                $0.u64(0)
            }
                == "GGUF metadata \"k\": expected a value type from 0 to 12, found 13")
        #expect(
            try keyed {
                $0.key("k", type: 7)
                $0.bytes += [2]
            } == "GGUF metadata \"k\": expected a truth value of 0 or 1, found 2")
        #expect(
            try keyed {
                $0.string("")
                $0.u64(0)
            } == "GGUF metadata 0: its name has 0 bytes, expected 1 to 65535")
        #expect(
            try keyed {
                $0.u64(2)
                $0.bytes += [0xFF, 0xFE]
                $0.u64(0)
            } == "GGUF metadata 0: its name is not valid UTF-8")
        #expect(
            try keyed {
                $0.key("k", type: 9)
                for _ in 0..<6 {
                    $0.u32(9)
                    $0.u64(1)
                }
                $0.u32(0)
                $0.u64(0)
            } == "GGUF metadata \"k\": arrays are nested deeper than 4 levels")
        var twice = GGUFBytes(keys: 2)
        for _ in 0..<2 {
            twice.key("general.name", type: 0)
            twice.bytes.append(1)
        }
        #expect(try problem(twice.bytes) == "GGUF metadata \"general.name\": appears twice")
        for alignment in [UInt32(0), 3, 48, 1 << 31] {
            #expect(
                try keyed {
                    $0.key("general.alignment", type: 4)
                    $0.u32(alignment)
                }
                    == "GGUF metadata \"general.alignment\": expected a power of two up to 2^30, found \(alignment)")
        }
    }

    @Test
    func `tensors that do not fit the file are refused`() throws {
        #expect(
            try tensor([64, 32], data: 8191)
                == "GGUF tensor \"w\": needs 8192 bytes at data offset 0, the file has 8191 bytes of data")
        #expect(
            try tensor([16], offset: 4064)
                == "GGUF tensor \"w\": needs 64 bytes at data offset 4064, the file has 4096 bytes of data")
        #expect(
            try tensor([16], offset: .max - 31)
                == "GGUF tensor \"w\": needs 64 bytes at data offset 18446744073709551584, "
                + "the file has 4096 bytes of data")
        #expect(
            try tensor([1 << 32, 1 << 32])
                == "GGUF tensor \"w\": the product of its dimensions [4294967296, 4294967296] overflows")
        #expect(
            try tensor([1 << 62])
                == "GGUF tensor \"w\": the bytes of [4611686018427387904] elements of F32 overflow")
        #expect(try tensor([.max]).contains("is out of range"))
        #expect(try tensor([4, 0]) == "GGUF tensor \"w\": dimension 0 is out of range in [4, 0]")
        #expect(try tensor([]) == "GGUF tensor \"w\": expected 1 to 4 dimensions, found 0")
        #expect(try tensor([1, 1, 1, 1, 1]) == "GGUF tensor \"w\": expected 1 to 4 dimensions, found 5")
        #expect(
            try tensor([48, 2], type: 2)
                == "GGUF tensor \"w\": its rows of 48 are no multiple of the 32 of Q4_0")
        #expect(try tensor([32], type: 23) == "GGUF tensor \"w\": element type IQ4_XS is not supported")
        #expect(try tensor([32], type: 4) == "GGUF tensor \"w\": element type number 4 is not supported")
        #expect(
            try tensor([4], offset: 8) == "GGUF tensor \"w\": its offset 8 is no multiple of the alignment 32")
    }

    @Test
    func `tensors that share a name or bytes are refused`() throws {
        var names = GGUFBytes(tensors: 2)
        names.tensor("w", dimensions: [8], type: 0, offset: 0)
        names.tensor("w", dimensions: [8], type: 0, offset: 32)
        names.data(64)
        #expect(try problem(names.bytes) == "GGUF tensor \"w\": appears twice")
        var places = GGUFBytes(tensors: 2)
        places.tensor("b", dimensions: [8], type: 0, offset: 32)
        places.tensor("a", dimensions: [9], type: 0, offset: 0)
        places.data(64)
        #expect(try problem(places.bytes) == "GGUF tensor \"b\": its data overlaps that of \"a\"")
    }

    @Test
    func `a file cut anywhere is refused`() throws {
        var writer = GGUFWriter()
        writer.add("general.name", .string("cut"))
        writer.add("tokens", .strings(["a", "b", "c"]))
        try writer.addTensor("w", shape: [4, 2], floats: Array(repeating: 1, count: 8))
        let whole = writer.encoded()
        let folder = try TemporaryFolder()
        for count in 1..<whole.count {
            let path = try folder.write("cut-\(count).gguf", whole.prefix(count))
            #expect(
                thrown(WeightFileError.self) { _ = try GGUFFile(path: path) } != nil, "\(count) of \(whole.count) bytes"
            )
        }
        _ = try GGUFFile(path: try folder.write("whole.gguf", whole))
    }
}
