/// A GGUF file, version 2 or 3, mapped and checked but not read: tensors and metadata are views of it.
///
/// Source: the GGUF specification, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
/// Memory: 16 bytes a tensor, 8 a metadata key, whatever the header claims.
package struct GGUFFile: WeightSource {
    /// 2 or 3.
    package let version: Int
    package let metadata: GGUFMetadata
    /// Where tensor data begins.
    package let dataStart: Int
    /// What tensor offsets are multiples of.
    package let alignment: Int

    private let file: MappedFile
    private let infos: [UInt32]
    private let sortedInfos: [UInt32]

    package var path: String { file.path }
    package var format: String { "GGUF" }
    package var files: [MappedFile] { [file] }
    package var tensorCount: Int { infos.count }
    package var tensorNames: [String] { infos.map { GGUFNames.name(in: file, at: $0) } }

    /// Maps and checks a file.
    ///
    /// - Parameter path: the file.
    /// - Throws: `WeightFileError` for a file that cannot be mapped, that contradicts itself or its own length, or that
    ///   has tensors of types that are not supported.
    package init(path: String) throws(WeightFileError) {
        try self.init(file: try MappedFile(path: path))
    }

    /// Checks a file that is mapped already.
    ///
    /// - Parameter file: the mapping.
    /// - Throws: `WeightFileError`, as above.
    package init(file: MappedFile) throws(WeightFileError) {
        let header = try GGUFHeader(file: file)
        self.file = file
        version = Int(header.version)
        metadata = GGUFMetadata(file: file, entries: header.keys.inOrder, sorted: header.keys.sorted)
        infos = header.tensors.inOrder
        sortedInfos = header.tensors.sorted
        alignment = try Self.alignment(metadata, path: file.path)
        dataStart = (header.end + alignment - 1) / alignment * alignment
        try checkTensors()
    }

    package func findTensor(_ name: String) throws(WeightFileError) -> WeightTensor? {
        guard let info = GGUFNames.find(name, in: file, sorted: sortedInfos) else { return nil }
        return try tensor(at: info)
    }

    private static func alignment(_ metadata: GGUFMetadata, path: String) throws(WeightFileError) -> Int {
        guard let alignment = try metadata.int("general.alignment") else { return 32 }
        guard alignment > 0, alignment <= 1 << 30, alignment & (alignment - 1) == 0 else {
            throw WeightFileError(
                .malformed, path: path, subject: "GGUF metadata \"general.alignment\"",
                problem: "expected a power of two up to 2^30, found \(alignment)")
        }
        return alignment
    }

    /// Reads every info once and refuses tensors that overlap.
    private func checkTensors() throws(WeightFileError) {
        var places: [(start: Int, info: UInt32)] = []
        places.reserveCapacity(infos.count)
        for info in infos { places.append((try tensor(at: info).bytes.range.lowerBound, info)) }
        places.sort { $0 < $1 }
        var previous: WeightTensor?
        for place in places {
            let current = try tensor(at: place.info)
            if let previous, previous.bytes.range.upperBound > current.bytes.range.lowerBound {
                throw malformed(current.name, "its data overlaps that of \(previous.name.quoted)")
            }
            previous = current
        }
    }

    private func malformed(_ name: String, _ problem: String) -> WeightFileError {
        WeightFileError(.malformed, path: path, subject: "GGUF tensor \(name.quoted)", problem: problem)
    }

    /// Reads and checks the info at an offset.
    ///
    /// Cheap enough to be repeated on every use, which saves holding it.
    private func tensor(at offset: UInt32) throws(WeightFileError) -> WeightTensor {
        let name = GGUFNames.name(in: file, at: offset)
        let (dimensions, typeNumber, place) = try file.withBytes(in: 0..<file.count) { bytes throws(WeightFileError) in
            var reader = ByteReader(bytes: bytes, at: Int(offset), path: path, subject: "GGUF tensor \(name.quoted)")
            try reader.string()
            var dimensions: [UInt64] = []
            for _ in 0..<(try reader.integer(UInt32.self)) { dimensions.append(try reader.integer()) }
            return (dimensions, try reader.integer(UInt32.self), try reader.integer(UInt64.self))
        }
        var count = 1
        var shape: [Int] = []
        for dimension in dimensions {
            guard dimension > 0, let size = Int(exactly: dimension) else {
                throw malformed(name, "dimension \(dimension) is out of range in \(dimensions)")
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { throw malformed(name, "the product of its dimensions \(dimensions) overflows") }
            count = product
            shape.append(size)
        }
        guard let type = ElementType(rawValue: typeNumber) else {
            throw WeightFileError(
                .unsupported, path: path, subject: "GGUF tensor \(name.quoted)",
                problem: "element type \(ElementType.name(ofNumber: typeNumber)) is not supported",
                hint: "supported: \(ElementType.allCases.map(\.name).joined(separator: ", "))")
        }
        guard shape[0].isMultiple(of: type.blockElements) else {
            throw malformed(
                name, "its rows of \(shape[0]) are no multiple of the \(type.blockElements) of \(type.name)")
        }
        guard let byteCount = type.byteCount(elements: count) else {
            throw malformed(name, "the bytes of \(dimensions) elements of \(type.name) overflow")
        }
        guard place.isMultiple(of: UInt64(alignment)) else {
            throw malformed(name, "its offset \(place) is no multiple of the alignment \(alignment)")
        }
        let available = max(0, file.count - dataStart)
        guard place <= UInt64(available), byteCount <= available - Int(place) else {
            throw WeightFileError(
                .malformed, path: path, subject: "GGUF tensor \(name.quoted)",
                problem: "needs \(byteCount) bytes at data offset \(place), the file has \(available) bytes of data",
                hint: "the file is truncated or damaged: fetch it again")
        }
        let start = dataStart + Int(place)
        return WeightTensor(
            name: name, elementType: type, shape: shape.reversed(), bytes: file.bytes(in: start..<start + byteCount),
            format: "GGUF")
    }
}
