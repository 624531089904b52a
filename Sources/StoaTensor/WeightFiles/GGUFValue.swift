/// The type of a metadata value.
///
/// Raw values are GGUF's numbers.
package enum GGUFValueType: UInt32, Sendable, Hashable {
    case uint8 = 0
    case int8 = 1
    case uint16 = 2
    case int16 = 3
    case uint32 = 4
    case int32 = 5
    case float32 = 6
    case bool = 7
    case string = 8
    case array = 9
    case uint64 = 10
    case int64 = 11
    case float64 = 12

    /// Bytes of a value; nil where they vary.
    package var byteCount: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }

    /// The fewest bytes that a value can take.
    var minimumByteCount: Int {
        switch self {
        case .string: 8
        case .array: 12
        default: byteCount ?? 1
        }
    }
}

/// A metadata value; strings and arrays are views of the file.
package enum GGUFValue: Sendable {
    case unsigned(UInt64)
    case signed(Int64)
    case float(Double)
    case bool(Bool)
    /// UTF-8 by the format's rules, not yet validated.
    case string(FileBytes)
    case array(GGUFArray)

    /// The integer, or nil where this is none or does not fit.
    package var intValue: Int? {
        switch self {
        case .unsigned(let value): Int(exactly: value)
        case .signed(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number, or nil where this is none.
    package var doubleValue: Double? {
        switch self {
        case .unsigned(let value): Double(value)
        case .signed(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    /// The truth value, or nil where this is none.
    package var boolValue: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The string, or nil where this is none or is not valid UTF-8.
    package var stringValue: String? {
        guard case .string(let bytes) = self else { return nil }
        return bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    }

    /// The array, or nil where this is none.
    package var arrayValue: GGUFArray? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    /// What the value is, for messages.
    var typeName: String {
        switch self {
        case .unsigned(let value): "\(value)"
        case .signed(let value): "\(value)"
        case .float(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .string: "a string"
        case .array(let array): "an array of \(array.elementType)"
        }
    }
}

/// An array in the metadata, left in the file.
///
/// Its extent was checked when the file was opened.
package struct GGUFArray: Sendable {
    package let elementType: GGUFValueType
    package let count: Int
    /// The elements, as the file stores them.
    package let bytes: FileBytes

    /// The elements of an array of strings after one indexing pass; nil for other arrays.
    package var strings: GGUFStrings? {
        elementType == .string ? GGUFStrings(count: count, bytes: bytes) : nil
    }

    /// The elements of an array of 16-bit or wider integers; nil for other arrays and where one does not fit 32 bits.
    package var ints: [Int32]? {
        switch elementType {
        case .uint16: load(UInt16.self) { Int32($0) }
        case .int16: load(Int16.self) { Int32($0) }
        case .uint32: load(UInt32.self) { Int32(exactly: $0) }
        case .int32: load(Int32.self) { $0 }
        case .uint64: load(UInt64.self) { Int32(exactly: $0) }
        case .int64: load(Int64.self) { Int32(exactly: $0) }
        default: nil
        }
    }

    /// The elements of an array of floating-point numbers as floats; nil for other arrays.
    package var floats: [Float]? {
        switch elementType {
        case .float32: load(UInt32.self) { Float(bitPattern: $0) }
        case .float64: load(UInt64.self) { Float(Double(bitPattern: $0)) }
        default: nil
        }
    }

    /// The elements of an array of truth values; nil for other arrays.
    package var bools: [Bool]? {
        elementType == .bool ? load(UInt8.self) { $0 != 0 } : nil
    }

    /// Converts every element in one pass; nil where one cannot be converted.
    private func load<Stored: FixedWidthInteger, Element>(
        _ type: Stored.Type, _ convert: (Stored) -> Element?
    ) -> [Element]? {
        bytes.withUnsafeBytes { source in
            var elements: [Element] = []
            elements.reserveCapacity(count)
            for index in 0..<count {
                let stored = source.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
                guard let element = convert(Stored(littleEndian: stored)) else { return nil }
                elements.append(element)
            }
            return elements
        }
    }
}

/// An array of strings of which only the places are held: four bytes for each, the text stays in the file.
package struct GGUFStrings: Sendable {
    /// The strings with their lengths.
    private let bytes: FileBytes
    private let starts: [UInt32]

    /// Number of strings.
    package var count: Int { starts.count }

    /// Complexity: one pass over the lengths.
    init(count: Int, bytes: FileBytes) {
        self.bytes = bytes
        // Opening checked every length, and that the metadata ends before 4 GiB.
        starts = bytes.withUnsafeBytes { source in
            [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
                var position = 0
                for index in 0..<count {
                    buffer[index] = UInt32(position)
                    position += 8 + Int(Self.length(in: source, at: position))
                }
                initialized = count
            }
        }
    }

    private static func length(in source: UnsafeRawBufferPointer, at position: Int) -> UInt64 {
        UInt64(littleEndian: source.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    /// Calls `body` with the bytes of one string, which stay valid during the call.
    ///
    /// Complexity: O(1); the file is not asked for bytes of other strings.
    package func withBytes<Result>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
    {
        try bytes.withUnsafeBytes { source in
            let start = Int(starts[index])
            let length = Int(Self.length(in: source, at: start))
            return try body(UnsafeRawBufferPointer(rebasing: source[start + 8..<start + 8 + length]))
        }
    }

    /// Calls `body` with the bytes of every string in order.
    package func forEach(_ body: (Int, UnsafeRawBufferPointer) throws -> Void) rethrows {
        try bytes.withUnsafeBytes { source in
            for index in starts.indices {
                let start = Int(starts[index])
                let length = Int(Self.length(in: source, at: start))
                try body(index, UnsafeRawBufferPointer(rebasing: source[start + 8..<start + 8 + length]))
            }
        }
    }

    /// One string; bytes that are no UTF-8 become U+FFFD.
    package subscript(index: Int) -> String { withBytes(at: index) { String(decoding: $0, as: UTF8.self) } }
}
