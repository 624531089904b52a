/// Writes GGUF files: adapters, and small models for tests.
///
/// Determinism: the bytes are a pure function of what was added, in the order in which it was added.
package struct GGUFWriter {
    /// A metadata value of each type that the format has.
    package indirect enum Value: Sendable, Hashable {
        case uint8(UInt8)
        case int8(Int8)
        case uint16(UInt16)
        case int16(Int16)
        case uint32(UInt32)
        case int32(Int32)
        case float32(Float)
        case bool(Bool)
        case string(String)
        /// Elements of one type.
        case array(GGUFValueType, [Value])
        case uint64(UInt64)
        case int64(Int64)
        case float64(Double)

        /// An array of strings.
        package static func strings(_ values: [String]) -> Value { .array(.string, values.map { .string($0) }) }
        /// An array of 32-bit integers.
        package static func int32s(_ values: [Int32]) -> Value { .array(.int32, values.map { .int32($0) }) }
        /// An array of floats.
        package static func float32s(_ values: [Float]) -> Value { .array(.float32, values.map { .float32($0) }) }

        var type: GGUFValueType {
            switch self {
            case .uint8: .uint8
            case .int8: .int8
            case .uint16: .uint16
            case .int16: .int16
            case .uint32: .uint32
            case .int32: .int32
            case .float32: .float32
            case .bool: .bool
            case .string: .string
            case .array: .array
            case .uint64: .uint64
            case .int64: .int64
            case .float64: .float64
            }
        }

        func write(into bytes: inout [UInt8]) {
            switch self {
            case .uint8(let value): bytes.append(value)
            case .int8(let value): bytes.append(littleEndian: value)
            case .uint16(let value): bytes.append(littleEndian: value)
            case .int16(let value): bytes.append(littleEndian: value)
            case .uint32(let value): bytes.append(littleEndian: value)
            case .int32(let value): bytes.append(littleEndian: value)
            case .float32(let value): bytes.append(littleEndian: value.bitPattern)
            case .bool(let value): bytes.append(value ? 1 : 0)
            case .string(let value): GGUFWriter.append(value, into: &bytes)
            case .uint64(let value): bytes.append(littleEndian: value)
            case .int64(let value): bytes.append(littleEndian: value)
            case .float64(let value): bytes.append(littleEndian: value.bitPattern)
            case .array(let type, let elements):
                bytes.append(littleEndian: type.rawValue)
                bytes.append(littleEndian: UInt64(elements.count))
                for element in elements { element.write(into: &bytes) }
            }
        }
    }

    private let version: UInt32
    private let alignment: Int
    private var metadata: [(key: String, value: Value)] = []
    private var tensors: [PendingTensor] = []

    /// Starts an empty file.
    ///
    /// - Parameters:
    ///   - version: 2 or 3.
    ///   - alignment: a power of two; written as `general.alignment` where it is not the format's 32.
    package init(version: UInt32 = 3, alignment: Int = 32) {
        precondition(version == 2 || version == 3, "GGUF versions 2 and 3 are written")
        precondition(alignment > 0 && alignment & (alignment - 1) == 0, "alignment must be a power of two")
        self.version = version
        self.alignment = alignment
        if alignment != 32 { metadata.append(("general.alignment", .uint32(UInt32(alignment)))) }
    }

    /// Adds a metadata value.
    package mutating func add(_ key: String, _ value: Value) { metadata.append((key, value)) }

    /// Adds a tensor.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - type: how the bytes are to be read.
    ///   - shape: row-major, 1 to 4 dimensions.
    ///   - bytes: exactly what the shape needs.
    /// - Throws: `WeightFileError` where shape and bytes disagree.
    package mutating func addTensor(
        _ name: String, type: ElementType, shape: [Int], bytes: [UInt8]
    ) throws(WeightFileError) {
        precondition((1...4).contains(shape.count), "GGUF tensors have 1 to 4 dimensions")
        tensors.append(try PendingTensor(name: name, type: type, shape: shape, bytes: bytes, format: "GGUF"))
    }

    /// Adds a tensor of floats.
    package mutating func addTensor(_ name: String, shape: [Int], floats: [Float]) throws(WeightFileError) {
        var bytes: [UInt8] = []
        bytes.append(floats: floats)
        try addTensor(name, type: .f32, shape: shape, bytes: bytes)
    }

    /// The header with its padding, then each tensor with its padding.
    private func chunks() -> [[UInt8]] {
        var header = Array("GGUF".utf8)
        header.append(littleEndian: version)
        header.append(littleEndian: UInt64(tensors.count))
        header.append(littleEndian: UInt64(metadata.count))
        for (key, value) in metadata {
            Self.append(key, into: &header)
            header.append(littleEndian: value.type.rawValue)
            value.write(into: &header)
        }
        var offset = 0
        for tensor in tensors {
            Self.append(tensor.name, into: &header)
            header.append(littleEndian: UInt32(tensor.shape.count))
            for dimension in tensor.shape.reversed() { header.append(littleEndian: UInt64(dimension)) }
            header.append(littleEndian: tensor.type.rawValue)
            header.append(littleEndian: UInt64(offset))
            offset += tensor.bytes.count + padding(tensor.bytes.count)
        }
        header += Array(repeating: 0, count: padding(header.count))
        return [header] + tensors.flatMap { [$0.bytes, Array(repeating: 0, count: padding($0.bytes.count))] }
    }

    private func padding(_ count: Int) -> Int { (alignment - count % alignment) % alignment }

    private static func append(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// The whole file.
    package func encoded() -> [UInt8] { Array(chunks().joined()) }

    /// Writes the file; a file of that name is replaced only by the complete new one.
    ///
    /// - Parameter path: where.
    /// - Throws: `WeightFileError` with the system's reason.
    package func write(to path: String) throws(WeightFileError) { try FileWriting.write(to: path, chunks()) }
}
