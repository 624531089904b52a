internal import StoaCore

/// The value of one tensor in a safetensors header.
struct SafetensorsEntry {
    /// An element type by the format's name.
    struct ElementName {
        let name: String

        /// The type, where it is one that weights may have.
        var elementType: ElementType? {
            switch name {
            case "F32": .f32
            case "F16": .f16
            case "BF16": .bf16
            default: nil
            }
        }

        /// Bytes of an element; nil for names that are not known.
        var byteCount: Int? {
            switch name {
            case "F64", "I64", "U64": 8
            case "F32", "I32", "U32": 4
            case "F16", "BF16", "I16", "U16": 2
            case "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2": 1
            default: nil
            }
        }
    }

    /// `{"dtype":"U8","shape":[],"data_offsets":[0,1]}` and a name: no entry is shorter than this.
    static let minimumBytes = 48

    let type: ElementName
    let shape: [Int]
    /// The first byte in the data.
    let begin: Int
    /// The byte behind the last one.
    let end: Int

    init(_ scanner: inout JSONScanner<WeightFileError>, name: String, path: String) throws(WeightFileError) {
        func malformed(_ problem: String) -> WeightFileError {
            WeightFileError(
                .malformed, path: path, subject: "safetensors tensor \(name.quoted)", problem: problem)
        }
        var type: ElementName?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.members { scanner, key throws(WeightFileError) in
            if scanner.spells(key, "dtype"), type == nil {
                type = ElementName(name: try scanner.headerString())
            } else if scanner.spells(key, "shape"), shape == nil {
                shape = try Self.integers(&scanner, atMost: SafetensorsFile.maximumDimensions)
            } else if scanner.spells(key, "data_offsets"), offsets == nil {
                offsets = try Self.integers(&scanner, atMost: 2)
            } else {
                throw scanner.failure("unknown or repeated member of tensor \(name.quoted)")
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2 else {
            throw malformed("expected dtype, shape and two data_offsets")
        }
        guard offsets[0] <= offsets[1] else { throw malformed("its data_offsets \(offsets) run backwards") }
        self.type = type
        self.shape = shape
        (begin, end) = (offsets[0], offsets[1])
        guard let size = type.byteCount else { return }
        var bytes = size
        for dimension in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw malformed("the product of its shape \(shape) overflows") }
            bytes = product
        }
        guard bytes == end - begin else {
            throw malformed("shape \(shape) of \(type.name) needs \(bytes) bytes, its data_offsets give \(end - begin)")
        }
    }

    private static func integers(
        _ scanner: inout JSONScanner<WeightFileError>, atMost limit: Int
    ) throws(WeightFileError) -> [Int] {
        var integers: [Int] = []
        try scanner.elements { scanner throws(WeightFileError) in
            guard integers.count < limit else { throw scanner.failure("expected at most \(limit) integers") }
            integers.append(try scanner.unsigned())
        }
        return integers
    }
}
