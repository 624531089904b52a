/// The key-value table of a GGUF file, read where it lies.
///
/// Only the places of the keys are held (eight bytes a key): a vocabulary of 262,144 strings costs nothing until it is
/// asked for.
package struct GGUFMetadata: Sendable {
    private let file: MappedFile
    /// Offsets of the keys in the file's order.
    private let entries: [UInt32]
    /// The same, ordered by the bytes of the keys.
    private let sorted: [UInt32]

    init(file: MappedFile, entries: [UInt32], sorted: [UInt32]) {
        self.file = file
        self.entries = entries
        self.sorted = sorted
    }

    /// All keys, in the file's order.
    package var keys: [String] { entries.map { GGUFNames.name(in: file, at: $0) } }

    /// Number of keys.
    package var count: Int { entries.count }

    /// The value of a key, or nil where there is none.
    package func value(_ key: String) -> GGUFValue? {
        guard let entry = GGUFNames.find(key, in: file, sorted: sorted) else { return nil }
        // The entry was walked when the file was opened, so reading it again cannot fail.
        return file.withBytes(in: 0..<file.count) { bytes in
            var reader = ByteReader(bytes: bytes, at: Int(entry), path: file.path, subject: "GGUF metadata")
            guard (try? reader.string()) != nil,
                let type = (try? reader.integer(UInt32.self)).flatMap(GGUFValueType.init(rawValue:))
            else { return nil }
            return try? Self.read(type, from: &reader, in: file)
        }
    }

    /// An integer; nil where the key is absent.
    ///
    /// - Throws: `WeightFileError` where the value is of another type.
    package func int(_ key: String) throws(WeightFileError) -> Int? { try typed(key, "an integer") { $0.intValue } }

    /// A number; nil where the key is absent.
    package func double(_ key: String) throws(WeightFileError) -> Double? {
        try typed(key, "a number") { $0.doubleValue }
    }

    /// A truth value; nil where the key is absent.
    package func bool(_ key: String) throws(WeightFileError) -> Bool? {
        try typed(key, "a truth value") { $0.boolValue }
    }

    /// A string; nil where the key is absent.
    package func string(_ key: String) throws(WeightFileError) -> String? {
        try typed(key, "a string in UTF-8") { $0.stringValue }
    }

    /// An array of strings; nil where the key is absent.
    package func strings(_ key: String) throws(WeightFileError) -> GGUFStrings? {
        try typed(key, "an array of strings") { $0.arrayValue?.strings }
    }

    /// An array of integers; nil where the key is absent.
    package func ints(_ key: String) throws(WeightFileError) -> [Int32]? {
        try typed(key, "an array of 32-bit integers") { $0.arrayValue?.ints }
    }

    /// An array of numbers; nil where the key is absent.
    package func floats(_ key: String) throws(WeightFileError) -> [Float]? {
        try typed(key, "an array of numbers") { $0.arrayValue?.floats }
    }

    /// Requires a key: `try metadata.require("llama.block_count", metadata.int)`.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - read: one of the typed readers above.
    /// - Returns: the value.
    /// - Throws: `WeightFileError` where the key is absent or of another type.
    package func require<Value>(
        _ key: String, _ read: (String) throws(WeightFileError) -> Value?
    ) throws(WeightFileError) -> Value {
        if let value = try read(key) { return value }
        throw WeightFileError(
            .missing, path: file.path, subject: "GGUF metadata \(key.quoted)", problem: "not found")
    }

    private func typed<Value>(
        _ key: String, _ expected: String, _ convert: (GGUFValue) -> Value?
    ) throws(WeightFileError) -> Value? {
        guard let value = value(key) else { return nil }
        if let converted = convert(value) { return converted }
        throw WeightFileError(
            .mismatch, path: file.path, subject: "GGUF metadata \(key.quoted)",
            problem: "expected \(expected), found \(value.typeName)")
    }

    private static func read(
        _ type: GGUFValueType, from reader: inout ByteReader, in file: MappedFile
    ) throws(WeightFileError) -> GGUFValue {
        switch type {
        case .uint8: return .unsigned(UInt64(try reader.integer(UInt8.self)))
        case .int8: return .signed(Int64(try reader.integer(Int8.self)))
        case .uint16: return .unsigned(UInt64(try reader.integer(UInt16.self)))
        case .int16: return .signed(Int64(try reader.integer(Int16.self)))
        case .uint32: return .unsigned(UInt64(try reader.integer(UInt32.self)))
        case .int32: return .signed(Int64(try reader.integer(Int32.self)))
        case .uint64: return .unsigned(try reader.integer(UInt64.self))
        case .int64: return .signed(try reader.integer(Int64.self))
        case .float32: return .float(Double(Float(bitPattern: try reader.integer(UInt32.self))))
        case .float64: return .float(Double(bitPattern: try reader.integer(UInt64.self)))
        case .bool: return .bool(try reader.integer(UInt8.self) != 0)
        case .string: return .string(file.bytes(in: try reader.string()))
        case .array:
            let (elementType, count) = try GGUFHeader.arrayPrologue(&reader)
            let start = reader.position
            try GGUFHeader.skipElements(elementType, count: count, in: &reader, depth: 0)
            return .array(
                GGUFArray(elementType: elementType, count: count, bytes: file.bytes(in: start..<reader.position)))
        }
    }
}

/// Names stored in the file as a 64-bit length and bytes, found by the offset of the length.
enum GGUFNames {
    static func length(in bytes: UnsafeRawBufferPointer, at offset: UInt32) -> Int {
        Int(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: Int(offset), as: UInt64.self)))
    }

    static func raw(in bytes: UnsafeRawBufferPointer, at offset: UInt32) -> UnsafeRawBufferPointer {
        let start = Int(offset) + 8
        return UnsafeRawBufferPointer(rebasing: bytes[start..<start + length(in: bytes, at: offset)])
    }

    static func name(in file: MappedFile, at offset: UInt32) -> String {
        file.withBytes(in: 0..<file.count) { String(decoding: raw(in: $0, at: offset), as: UTF8.self) }
    }

    /// Orders offsets by the bytes of their names.
    static func sort(_ offsets: [UInt32], in bytes: UnsafeRawBufferPointer) -> [UInt32] {
        var sorted = offsets
        sorted.sort { compare(raw(in: bytes, at: $0), raw(in: bytes, at: $1)) < 0 }
        return sorted
    }

    /// Two neighbours with equal names, if there are any.
    static func duplicate(in sorted: [UInt32], bytes: UnsafeRawBufferPointer) -> UInt32? {
        zip(sorted, sorted.dropFirst())
            .first { compare(raw(in: bytes, at: $0), raw(in: bytes, at: $1)) == 0 }?.0
    }

    static func find(_ name: String, in file: MappedFile, sorted: [UInt32]) -> UInt32? {
        var name = name
        return name.withUTF8 { wanted in
            file.withBytes(in: 0..<file.count) { bytes in
                var low = 0
                var high = sorted.count
                while low < high {
                    let middle = (low + high) / 2
                    let order = compare(raw(in: bytes, at: sorted[middle]), UnsafeRawBufferPointer(wanted))
                    if order == 0 { return sorted[middle] }
                    if order < 0 { low = middle + 1 } else { high = middle }
                }
                return nil
            }
        }
    }

    /// Negative, zero or positive, as `memcmp` with the shorter of equal beginnings first.
    private static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return left[index] < right[index] ? -1 : 1
        }
        return left.count - right.count
    }
}
