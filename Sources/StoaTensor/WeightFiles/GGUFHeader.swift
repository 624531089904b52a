/// The walk over a GGUF header that happens once, at opening: every count, length and offset is checked here.
struct GGUFHeader {
    /// The deepest nesting of arrays.
    static let maximumArrayDepth = 4
    /// More keys than any sensible file has; bounds the time that sorting them can take.
    static let maximumKeys = 1 << 16
    /// More tensors than any sensible file has.
    static let maximumTensors = 1 << 20
    /// The longest name of a key or tensor, as the format says for keys.
    static let maximumNameBytes = 65_535

    private(set) var version: UInt32 = 0
    /// Offsets of the keys, in the file's order and by name.
    private(set) var keys: (inOrder: [UInt32], sorted: [UInt32]) = ([], [])
    /// Offsets of the tensor infos, in the file's order and by name.
    private(set) var tensors: (inOrder: [UInt32], sorted: [UInt32]) = ([], [])
    /// The first byte after the tensor infos.
    private(set) var end = 0

    init(file: MappedFile) throws(WeightFileError) {
        try file.withBytes(in: 0..<file.count) { bytes throws(WeightFileError) in
            var reader = ByteReader(bytes: bytes, path: file.path, subject: "GGUF header")
            try readCounts(&reader)
        }
    }

    private mutating func readCounts(_ reader: inout ByteReader) throws(WeightFileError) {
        let bytes = reader.bytes
        guard bytes.count >= 4, bytes.prefix(4).elementsEqual("GGUF".utf8) else {
            throw WeightFileError(
                .malformed, path: reader.path, subject: "GGUF header",
                problem: "expected the magic \"GGUF\", found \(Self.hexadecimal(bytes.prefix(4)))",
                hint: "this is not a GGUF file")
        }
        try reader.take(4)
        version = try reader.integer()
        guard version == 2 || version == 3 else {
            let bigEndian = version.byteSwapped == 2 || version.byteSwapped == 3
            throw WeightFileError(
                .unsupported, path: reader.path, subject: "GGUF header",
                problem: bigEndian
                    ? "the file is big-endian, only little-endian files are read"
                    : "expected version 2 or 3, found \(version)",
                hint: "convert the model again with a current converter")
        }
        // The tensor infos lie behind the metadata; what they need at least is checked before it is walked.
        let tensorCount = try reader.count(ofAtLeast: 8 + 1 + 4 + 8 + 4 + 8, "tensors")
        let keyCount = try reader.count(ofAtLeast: 8 + 1 + 4 + 1, "metadata keys")
        guard tensorCount <= Self.maximumTensors else {
            throw reader.malformed("claims \(tensorCount) tensors, at most \(Self.maximumTensors) are accepted")
        }
        guard keyCount <= Self.maximumKeys else {
            throw reader.malformed("claims \(keyCount) metadata keys, at most \(Self.maximumKeys) are accepted")
        }
        keys = try Self.names(keyCount, "metadata", in: &reader) { reader throws(WeightFileError) in
            let type = try Self.valueType(&reader)
            try Self.skipValue(type, in: &reader, depth: 0)
        }
        tensors = try Self.names(tensorCount, "tensor", in: &reader) { reader throws(WeightFileError) in
            let dimensions = try reader.integer(UInt32.self)
            guard (1...4).contains(dimensions) else {
                throw reader.malformed("expected 1 to 4 dimensions, found \(dimensions)")
            }
            try reader.take(UInt64(dimensions) * 8 + 4 + 8)
        }
        end = reader.position
    }

    /// Walks `count` named entries.
    private static func names(
        _ count: Int, _ what: String, in reader: inout ByteReader,
        _ skipBody: (inout ByteReader) throws(WeightFileError) -> Void
    ) throws(WeightFileError) -> (inOrder: [UInt32], sorted: [UInt32]) {
        var offsets: [UInt32] = []
        offsets.reserveCapacity(count)
        for index in 0..<count {
            reader.subject = "GGUF \(what) \(index)"
            guard let offset = UInt32(exactly: reader.position) else {
                throw reader.malformed("starts beyond 4 GiB, which no header does")
            }
            let range = try reader.string()
            guard (1...maximumNameBytes).contains(range.count) else {
                throw reader.malformed("its name has \(range.count) bytes, expected 1 to \(maximumNameBytes)")
            }
            guard let name = String(validating: UnsafeRawBufferPointer(rebasing: reader.bytes[range]), as: UTF8.self)
            else { throw reader.malformed("its name is not valid UTF-8") }
            reader.subject = "GGUF \(what) \(name.quoted)"
            try skipBody(&reader)
            offsets.append(offset)
        }
        guard UInt32(exactly: reader.position) != nil else {
            throw reader.malformed("ends beyond 4 GiB, which no header does")
        }
        let sorted = GGUFNames.sort(offsets, in: reader.bytes)
        if let duplicate = GGUFNames.duplicate(in: sorted, bytes: reader.bytes) {
            let name = String(decoding: GGUFNames.raw(in: reader.bytes, at: duplicate), as: UTF8.self)
            reader.subject = "GGUF \(what) \(name.quoted)"
            throw reader.malformed("appears twice")
        }
        return (offsets, sorted)
    }

    private static func valueType(_ reader: inout ByteReader) throws(WeightFileError) -> GGUFValueType {
        let number = try reader.integer(UInt32.self)
        guard let type = GGUFValueType(rawValue: number) else {
            throw reader.malformed("expected a value type from 0 to 12, found \(number)")
        }
        return type
    }

    /// Moves past a value, checking that all of it is there.
    private static func skipValue(
        _ type: GGUFValueType, in reader: inout ByteReader, depth: Int
    ) throws(WeightFileError) {
        switch type {
        case .string: try reader.string()
        case .array:
            guard depth < maximumArrayDepth else {
                throw reader.malformed("arrays are nested deeper than \(maximumArrayDepth) levels")
            }
            let (elementType, count) = try arrayPrologue(&reader)
            try skipElements(elementType, count: count, in: &reader, depth: depth + 1)
        case .bool:
            let value = try reader.integer(UInt8.self)
            guard value <= 1 else { throw reader.malformed("expected a truth value of 0 or 1, found \(value)") }
        default: try reader.take(UInt64(type.minimumByteCount))
        }
    }

    static func arrayPrologue(_ reader: inout ByteReader) throws(WeightFileError) -> (GGUFValueType, Int) {
        let type = try valueType(&reader)
        return (type, try reader.count(ofAtLeast: type.minimumByteCount, "elements"))
    }

    static func skipElements(
        _ type: GGUFValueType, count: Int, in reader: inout ByteReader, depth: Int
    ) throws(WeightFileError) {
        if let size = type.byteCount { return try reader.take(UInt64(count), of: size) }
        for _ in 0..<count { try skipValue(type, in: &reader, depth: depth) }
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return digits.isEmpty ? "nothing" : digits.joined(separator: " ")
    }
}
