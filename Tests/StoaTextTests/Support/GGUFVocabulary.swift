import Foundation
import StoaText

/// Reads the vocabulary of a GGUF file, as far as these tests need it: a second reader, so that the tokenizer is
/// tested on real vocabularies without the module that reads weights.
struct GGUFVocabulary {
    struct Malformed: Error {}

    private let bytes: Data
    private var place = 0

    /// The vocabulary in the file at `path`.
    static func read(_ path: String) throws -> Vocabulary {
        var reader = GGUFVocabulary(bytes: try Data(contentsOf: URL(filePath: path), options: .alwaysMapped))
        return try reader.vocabulary()
    }

    private init(bytes: Data) { self.bytes = bytes }

    private mutating func number<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard place + MemoryLayout<T>.size <= bytes.count else { throw Malformed() }
        let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: T.self) }
        place += MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    private mutating func text() throws -> Range<Int> {
        let count = Int(try number(UInt64.self))
        guard count <= bytes.count - place else { throw Malformed() }
        defer { place += count }
        return place..<place + count
    }

    private mutating func integer(_ type: UInt32) throws -> Int {
        switch type {
        case 0, 1, 7: Int(try number(UInt8.self))
        case 2, 3: Int(try number(UInt16.self))
        case 4, 5, 6: Int(try number(UInt32.self))
        case 10, 11, 12: Int(truncatingIfNeeded: try number(UInt64.self))
        default: throw Malformed()
        }
    }

    private mutating func skip(_ type: UInt32) throws {
        switch type {
        case 8: _ = try text()
        case 9:
            let element = try number(UInt32.self)
            for _ in 0..<(try number(UInt64.self)) { try skip(element) }
        default: _ = try integer(type)
        }
    }

    private mutating func strings() throws -> PackedStrings {
        guard try number(UInt32.self) == 8 else { throw Malformed() }
        let count = Int(try number(UInt64.self))
        var strings = PackedStrings()
        strings.reserveCapacity(count: count, bytes: 8 * count)
        for _ in 0..<count {
            let range = try text()
            bytes.withUnsafeBytes { strings.append(UnsafeRawBufferPointer(rebasing: $0[range])) }
        }
        return strings
    }

    private mutating func words() throws -> [UInt32] {
        _ = try number(UInt32.self)
        let count = Int(try number(UInt64.self))
        return try (0..<count).map { _ in try number(UInt32.self) }
    }

    private mutating func vocabulary() throws -> Vocabulary {
        guard try number(UInt32.self) == 0x4655_4747 else { throw Malformed() }
        _ = try number(UInt32.self)
        _ = try number(UInt64.self)
        var vocabulary = Vocabulary(model: "")
        for _ in 0..<(try number(UInt64.self)) {
            let key = String(decoding: bytes[try text()], as: UTF8.self)
            let type = try number(UInt32.self)
            switch key {
            case "tokenizer.ggml.model": vocabulary.model = String(decoding: bytes[try text()], as: UTF8.self)
            case "tokenizer.ggml.pre": vocabulary.pre = String(decoding: bytes[try text()], as: UTF8.self)
            case "tokenizer.ggml.tokens": vocabulary.tokens = try strings()
            case "tokenizer.ggml.merges": vocabulary.merges = try strings()
            case "tokenizer.ggml.token_type": vocabulary.types = try words().map { Int32(bitPattern: $0) }
            case "tokenizer.ggml.scores": vocabulary.scores = try words().map { Float(bitPattern: $0) }
            case "tokenizer.ggml.bos_token_id": vocabulary.bos = try integer(type)
            case "tokenizer.ggml.eos_token_id": vocabulary.eos = try integer(type)
            case "tokenizer.ggml.eot_token_id": vocabulary.eot = try integer(type)
            case "tokenizer.ggml.unknown_token_id": vocabulary.unknown = try integer(type)
            case "tokenizer.ggml.padding_token_id": vocabulary.padding = try integer(type)
            case "tokenizer.ggml.add_bos_token": vocabulary.addsBOS = try integer(type) != 0
            case "tokenizer.ggml.add_eos_token": vocabulary.addsEOS = try integer(type) != 0
            case "tokenizer.ggml.add_space_prefix": vocabulary.addsSpacePrefix = try integer(type) != 0
            default: try skip(type)
            }
        }
        return vocabulary
    }
}
