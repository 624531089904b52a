internal import OrderedCollections
internal import StoaCore

/// Writes safetensors files: adapters, and small models for tests.
///
/// Determinism: the bytes are a pure function of what was added, in the order in which it was added.
package struct SafetensorsWriter {
    private var metadata: [(String, JSONValue)] = []
    private var tensors: [PendingTensor] = []

    /// Starts an empty file.
    package init() {}

    /// Adds a text to `__metadata__`.
    package mutating func addMetadata(_ key: String, _ text: String) { metadata.append((key, .string(text))) }

    /// Adds a tensor.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - type: F32, F16 or BF16.
    ///   - shape: row-major.
    ///   - bytes: exactly what the shape needs.
    /// - Throws: `WeightFileError` where shape and bytes disagree.
    package mutating func addTensor(
        _ name: String, type: ElementType, shape: [Int], bytes: [UInt8]
    ) throws(WeightFileError) {
        precondition(type.isFloat, "safetensors have no quantised types")
        tensors.append(try PendingTensor(name: name, type: type, shape: shape, bytes: bytes, format: "safetensors"))
    }

    /// Adds a tensor of floats.
    package mutating func addTensor(_ name: String, shape: [Int], floats: [Float]) throws(WeightFileError) {
        var bytes: [UInt8] = []
        bytes.append(floats: floats)
        try addTensor(name, type: .f32, shape: shape, bytes: bytes)
    }

    private func chunks() -> [[UInt8]] {
        var members: OrderedDictionary<String, JSONValue> = [:]
        if !metadata.isEmpty {
            members["__metadata__"] = .object(OrderedDictionary(metadata, uniquingKeysWith: { $1 }))
        }
        var offset = 0
        for tensor in tensors {
            let end = offset + tensor.bytes.count
            members[tensor.name] = [
                "dtype": .string(tensor.type.name), "shape": .array(tensor.shape.map { .integer(Int64($0)) }),
                "data_offsets": [.integer(Int64(offset)), .integer(Int64(end))],
            ]
            offset = end
        }
        var header = Array(JSONValue.object(members).text.utf8)
        // Spaces bring the data to a multiple of 8, as the reference writer does.
        header += Array(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        var length: [UInt8] = []
        length.append(littleEndian: UInt64(header.count))
        return [length, header] + tensors.map(\.bytes)
    }

    /// The whole file.
    package func encoded() -> [UInt8] { Array(chunks().joined()) }

    /// Writes the file; a file of that name is replaced only by the complete new one.
    ///
    /// - Parameter path: where.
    /// - Throws: `WeightFileError` with the system's reason.
    package func write(to path: String) throws(WeightFileError) { try FileWriting.write(to: path, chunks()) }
}
