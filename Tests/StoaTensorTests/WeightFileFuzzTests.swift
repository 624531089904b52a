import Glibc
import StoaTensor
import StoaTestKit
import Testing

/// Damaged and forged files: an error or a sound value, in bounded memory, never a crash.
///
/// Opening and reading metadata may hold at most twice the file and 64 KiB (messages, paths) at any moment.
@Suite(.timeLimit(.minutes(30))) struct `Hostile weight files` {
    private static let slack = 64 * 1024

    private static func seedGGUF(version: UInt32) throws -> [UInt8] {
        var writer = GGUFWriter(version: version, alignment: 16)
        writer.add("general.architecture", .string("llama"))
        writer.add("tokenizer.ggml.tokens", .strings((0..<60).map { "token\($0)" }))
        writer.add("tokenizer.ggml.scores", .float32s((0..<60).map { Float($0) }))
        writer.add("tokenizer.ggml.token_type", .int32s((0..<60).map { Int32($0) }))
        writer.add("wide", .array(.uint64, [.uint64(1), .uint64(.max)]))
        writer.add("flag", .bool(true))
        writer.add("nested", .array(.array, [.array(.array, [.int32s([1])]), .strings(["x", "y"])]))
        writer.add("real", .float64(1.5))
        try writer.addTensor("a", shape: [4, 4], floats: Array(repeating: 1, count: 16))
        try writer.addTensor("b", type: .q4_1, shape: [2, 64], bytes: Array(repeating: 0x21, count: 80))
        try writer.addTensor("c", type: .q6K, shape: [1, 256], bytes: Array(repeating: 0x12, count: 210))
        return writer.encoded()
    }

    private static func seedSafetensors() throws -> [UInt8] {
        var writer = SafetensorsWriter()
        writer.addMetadata("format", "pt")
        for index in 0..<6 {
            try writer.addTensor("layer.\(index).w", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])
        }
        try writer.addTensor("half", type: .bf16, shape: [2, 2], bytes: Array(repeating: 0x3F, count: 8))
        return writer.encoded()
    }

    /// Touches everything that opening promises to be safe.
    private static func read(_ source: some WeightSource) throws {
        for name in source.tensorNames {
            guard let tensor = try? source.findTensor(name) else { continue }
            precondition(tensor.bytes.withUnsafeBytes { $0.reduce(0) { $0 &+ Int($1) } } >= 0)
            if tensor.elementCount < 1 << 20 { precondition(tensor.dequantised().count == tensor.elementCount) }
        }
        guard let metadata = (source as? GGUFFile)?.metadata else { return }
        for key in metadata.keys {
            let value = metadata.value(key)
            precondition(value != nil, "a key that was walked has a value")
            _ = (value?.intValue, value?.doubleValue, value?.boolValue, value?.stringValue)
            guard let array = value?.arrayValue else { continue }
            var bytes = 0
            array.strings?.forEach { bytes += $1.count }
            precondition(bytes <= array.bytes.count)
            _ = (array.ints, array.floats, array.bools)
        }
    }

    /// Opens `rounds` mutations of a file; all failures must be `WeightFileError`s with a message.
    private func attack(
        _ original: [UInt8], seed: UInt64, rounds: Int, vocabulary: [String],
        open: (String) throws -> any WeightSource
    ) throws {
        let folder = try TemporaryFolder()
        var mutator = Mutator(seed: seed, vocabulary: vocabulary)
        var opened = 0
        for round in 0..<rounds {
            let bytes = mutator.mutate(original)
            // A new file each time: some file systems flush a file that replaces another.
            unlink("\(folder.path)/hostile")
            let path = try folder.write("hostile", bytes)
            var outcome: Result<any WeightSource, any Error>?
            let peak = peakAllocation { outcome = Result { try open(path) } }
            if let peak { #expect(peak <= 2 * bytes.count + Self.slack, "seed \(seed), round \(round)") }
            switch outcome {
            case .success(let source):
                opened += 1
                try Self.read(source)
            case .failure(let error):
                #expect((error as? WeightFileError)?.message.isEmpty == false, "seed \(seed), round \(round): \(error)")
            case nil: Issue.record("nothing was tried")
            }
        }
        // Were all mutations refused at the first byte, nothing would have been tested.
        #expect(opened > 0 && opened < rounds)
    }

    @Test(arguments: 0..<20)
    func `mutated GGUF files give an error or sound views`(seed: UInt64) throws {
        try attack(
            try Self.seedGGUF(version: seed.isMultiple(of: 2) ? 3 : 2), seed: seed, rounds: 500,
            vocabulary: ["general.alignment", "GGUF", "\u{0}\u{0}"]
        ) { try GGUFFile(path: $0) }
    }

    @Test(arguments: 0..<12)
    func `mutated safetensors files give an error or sound views`(seed: UInt64) throws {
        try attack(
            try Self.seedSafetensors(), seed: seed, rounds: 500,
            vocabulary: [
                "\"F32\"", "\"I64\"", "18446744073709551616", "[", "{", "]", "}", "-1", "1e9", "\"__metadata__\":{}",
                "\\u0041", "\\", "\"",
            ]
        ) { try SafetensorsFile(path: $0) }
    }

    @Test(arguments: 0..<6)
    func `mutated shard indexes give an error or sound views`(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("config.json", "{}")
        _ = try folder.write("1.safetensors", try Self.seedSafetensors())
        let names = (0..<6).map { #""layer.\#($0).w": "1.safetensors""# }.joined(separator: ", ")
        let index = #"{"metadata": {"total_size": 144, "deep": [[1, true], {"a": null}]}, "weight_map": {\#(names)}}"#
        try attack(
            Array(index.utf8), seed: seed, rounds: 500,
            vocabulary: ["../", "[[[[[[", "\"weight_map\"", "{}", "null", "\\u002f", "1e999"]
        ) { path in
            unlink("\(folder.path)/model.safetensors.index.json")
            rename(path, "\(folder.path)/model.safetensors.index.json")
            return try HuggingFaceFolder(path: folder.path)
        }
    }

    /// Opens a file that `open` must read to so many things, or refuse where `count` is nil.
    private func expectBounded(_ bytes: [UInt8], count: Int?, _ open: (String) throws -> Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("hostile", bytes)
        var found: Int?
        let peak = peakAllocation { found = try? open(path) }
        #expect(found == count)
        if let peak { #expect(peak <= 2 * bytes.count + Self.slack, "held \(peak) for \(bytes.count)") }
    }

    @Test
    func `as many of the smallest entries as fit stay within twice the file`() throws {
        var keys = GGUFBytes(keys: 65536)
        for index in 0..<65536 {
            keys.string(String(index, radix: 36))
            keys.u32(0)
            keys.bytes.append(0)
        }
        try expectBounded(keys.bytes, count: 65536) { try GGUFFile(path: $0).metadata.count }

        var tensors = GGUFBytes(tensors: 100_000)
        for index in 0..<100_000 {
            tensors.tensor(String(index, radix: 36), dimensions: [8], type: 0, offset: UInt64(index * 32))
        }
        tensors.data(3_200_000)
        try expectBounded(tensors.bytes, count: 100_000) { try GGUFFile(path: $0).tensorCount }
        // The same without data: the header alone must not cost more.
        try expectBounded(Array(tensors.bytes.prefix(tensors.bytes.count - 3_200_000)), count: nil) {
            try GGUFFile(path: $0).tensorCount
        }

        let entries = (0..<20000).map {
            "\"\(String($0, radix: 36))\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[\($0),\($0 + 1)]}"
        }
        let header = Array("{\(entries.joined(separator: ","))}".utf8)
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        try expectBounded(length + header + Array(repeating: 0, count: 20000), count: 20000) {
            try SafetensorsFile(path: $0).tensorCount
        }
    }

    @Test
    func `a vocabulary of empty strings and a tower of arrays stay within twice the file`() throws {
        var strings = GGUFBytes(keys: 1)
        strings.key("tokens", type: 9)
        strings.u32(8)
        strings.u64(200_000)
        strings.bytes += Array(repeating: 0, count: 1_600_000)
        try expectBounded(strings.bytes, count: 200_000) {
            try GGUFFile(path: $0).metadata.strings("tokens")?.count ?? 0
        }
        var tower = GGUFBytes(keys: 1)
        tower.key("tower", type: 9)
        for _ in 0..<100_000 {
            tower.u32(9)
            tower.u64(1)
        }
        try expectBounded(tower.bytes, count: nil) { try GGUFFile(path: $0).metadata.count }
        let deep = String(repeating: "[", count: 100_000)
        let folder = try TemporaryFolder()
        _ = try folder.write("config.json", "{}")
        _ = try folder.write("model.safetensors.index.json", #"{"x": \#(deep)"#)
        #expect(
            thrown(WeightFileError.self) { _ = try HuggingFaceFolder(path: folder.path) }?.problem
                .hasPrefix("nesting deeper than 64 levels") == true)
    }
}
