internal import StoaCore

/// A safetensors file, mapped and checked: tensors are views of it.
///
/// Source: the format as documented at https://github.com/huggingface/safetensors. Its rules are enforced: the header
/// is one JSON object, data is covered by tensors without gap or overlap, shapes agree with byte counts.
/// Memory: 8 bytes a tensor; the header stays text and an entry is read when it is asked for.
package struct SafetensorsFile: WeightSource {
    /// The longest header that the format allows.
    static let maximumHeaderBytes = 100_000_000
    /// More dimensions than any tensor has.
    static let maximumDimensions = 8

    private let file: MappedFile
    private let headerEnd: Int
    /// Offsets of the opening quotes of tensor names, in the file's order and by name.
    private let entries: [UInt32]
    private let sorted: [UInt32]
    /// Offset of the value of `__metadata__`, or 0.
    private let metadataOffset: Int

    package var path: String { file.path }
    package var format: String { "safetensors" }
    package var files: [MappedFile] { [file] }
    package var tensorCount: Int { entries.count }
    package var tensorNames: [String] {
        withHeader { bytes in entries.map { SafetensorsNames.name(in: bytes, at: $0) } }
    }

    /// Maps and checks a file.
    ///
    /// - Parameter path: the file.
    /// - Throws: `WeightFileError`. Element types other than F32, F16 and BF16 are no error until they are asked for.
    package init(path: String) throws(WeightFileError) {
        try self.init(file: try MappedFile(path: path))
    }

    /// Checks a file that is mapped already.
    ///
    /// - Parameter file: the mapping.
    /// - Throws: `WeightFileError`, as above.
    package init(file: MappedFile) throws(WeightFileError) {
        self.file = file
        let end = try Self.headerEnd(file)
        headerEnd = end
        (entries, metadataOffset) = try file.withBytes(in: 0..<end) { bytes throws(WeightFileError) in
            try Self.index(bytes, path: file.path)
        }
        let entries = entries
        sorted = try file.withBytes(in: 0..<end) { bytes throws(WeightFileError) in
            let sorted = SafetensorsNames.sort(entries, in: bytes)
            if let duplicate = SafetensorsNames.duplicate(in: sorted, bytes: bytes) {
                throw WeightFileError(
                    .malformed, path: file.path,
                    subject: "safetensors tensor \(SafetensorsNames.name(in: bytes, at: duplicate).quoted)",
                    problem: "appears twice")
            }
            return sorted
        }
        try checkCoverage()
    }

    package func findTensor(_ name: String) throws(WeightFileError) -> WeightTensor? {
        guard let offset = withHeader({ SafetensorsNames.find(name, in: $0, sorted: sorted) }) else { return nil }
        let entry = try entry(at: offset)
        guard let type = entry.type.elementType else {
            throw WeightFileError(
                .unsupported, path: path, subject: "safetensors tensor \(name.quoted)",
                problem: "element type \(entry.type.name) is not supported", hint: "supported: F32, F16, BF16")
        }
        let start = headerEnd + entry.begin
        return WeightTensor(
            name: name, elementType: type, shape: entry.shape,
            bytes: file.bytes(in: start..<start + entry.end - entry.begin), format: format)
    }

    /// Whether the header lists a tensor, of whatever type.
    func hasEntry(_ name: String) -> Bool {
        withHeader { SafetensorsNames.find(name, in: $0, sorted: sorted) } != nil
    }

    /// A text of the `__metadata__` member, or nil.
    package func metadata(_ key: String) -> String? {
        guard metadataOffset > 0 else { return nil }
        return withHeader { bytes in
            var scanner = JSONScanner(bytes, at: metadataOffset, path: path, subject: "safetensors header")
            var found: String?
            try? scanner.members { scanner, range throws(WeightFileError) in
                let value = try scanner.headerString()
                if bytes[range].elementsEqual(key.utf8) { found = value }
            }
            return found
        }
    }

    private func withHeader<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withBytes(in: 0..<headerEnd, body)
    }

    /// Reads the length in front and gives the offset at which data begins.
    private static func headerEnd(_ file: MappedFile) throws(WeightFileError) -> Int {
        func malformed(_ problem: String) -> WeightFileError {
            WeightFileError(
                .malformed, path: file.path, subject: "safetensors header", problem: problem,
                hint: "the file is truncated, damaged or no safetensors file")
        }
        guard file.count >= 10 else { throw malformed("needs 10 bytes at least, the file has \(file.count)") }
        let length = file.withBytes(in: 0..<8) {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        }
        guard length >= 2, length <= UInt64(min(file.count - 8, maximumHeaderBytes)) else {
            throw malformed(
                "claims \(length) bytes, the file has \(file.count - 8) behind it and \(maximumHeaderBytes) are the most"
            )
        }
        return 8 + Int(length)
    }

    /// Walks the header once, checking every entry.
    private static func index(
        _ bytes: UnsafeRawBufferPointer, path: String
    ) throws(WeightFileError) -> (entries: [UInt32], metadata: Int) {
        var scanner = JSONScanner(bytes, at: 8, path: path, subject: "safetensors header")
        var entries: [UInt32] = []
        var metadata = 0
        guard bytes[8] == UInt8(ascii: "{") else { throw scanner.failure("expected '{'") }
        // The shortest entry has about 50 bytes, so this never grows and never exceeds the header.
        entries.reserveCapacity(bytes.count / SafetensorsEntry.minimumBytes + 1)
        try scanner.members { scanner, key throws(WeightFileError) in
            if scanner.spells(key, "__metadata__") {
                guard metadata == 0 else { throw scanner.failure("\"__metadata__\" appears twice") }
                _ = scanner.peek()
                metadata = scanner.position
                return try scanner.members { scanner, _ throws(WeightFileError) in _ = try scanner.rawString() }
            }
            guard !key.isEmpty, !bytes[key].contains(UInt8(ascii: "\\")) else {
                throw scanner.failure("a tensor's name is empty or has escapes")
            }
            guard String(validating: UnsafeRawBufferPointer(rebasing: bytes[key]), as: UTF8.self) != nil else {
                throw scanner.failure("a tensor's name is not valid UTF-8")
            }
            entries.append(UInt32(key.lowerBound - 1))
            _ = try SafetensorsEntry(&scanner, name: String(decoding: bytes[key], as: UTF8.self), path: path)
        }
        if scanner.peek() != nil { throw scanner.failure("unexpected text behind the header's object") }
        return (entries, metadata)
    }

    private func entry(at offset: UInt32) throws(WeightFileError) -> SafetensorsEntry {
        try withHeader { bytes throws(WeightFileError) in
            var scanner = JSONScanner(bytes, at: Int(offset), path: path, subject: "safetensors header")
            let name = try scanner.rawString()
            try scanner.expect(":")
            return try SafetensorsEntry(&scanner, name: String(decoding: bytes[name], as: UTF8.self), path: path)
        }
    }

    /// Data must be covered from its first to its last byte, each byte once.
    private func checkCoverage() throws(WeightFileError) {
        var places: [(begin: Int, end: Int)] = []
        places.reserveCapacity(entries.count)
        for offset in entries {
            let entry = try entry(at: offset)
            places.append((entry.begin, entry.end))
        }
        places.sort { $0 < $1 }
        var covered = 0
        let available = file.count - headerEnd
        func fail(_ begin: Int, _ problem: String) throws(WeightFileError) {
            // Rare, so the name is looked up again instead of being held.
            for offset in entries {
                guard let entry = try? entry(at: offset), entry.begin == begin else { continue }
                let name = withHeader { SafetensorsNames.name(in: $0, at: offset) }
                throw WeightFileError(
                    .malformed, path: path, subject: "safetensors tensor \(name.quoted)", problem: problem)
            }
        }
        for place in places {
            if place.end > available {
                try fail(place.begin, "ends at byte \(place.end) of the data, the file has \(available)")
            }
            if place.begin != covered {
                try fail(place.begin, "begins at byte \(place.begin) of the data, expected \(covered)")
            }
            covered = place.end
        }
        guard covered == available else {
            throw WeightFileError(
                .malformed, path: path, subject: "safetensors data",
                problem: "tensors cover \(covered) bytes, the file has \(available)")
        }
    }
}

/// Names in the header: the bytes between quotes, found by the offset of the opening one.
///
/// They have no escapes.
private enum SafetensorsNames {
    static func raw(in bytes: UnsafeRawBufferPointer, at offset: UInt32) -> Slice<UnsafeRawBufferPointer> {
        bytes[(Int(offset) + 1)...].prefix { $0 != UInt8(ascii: "\"") }
    }

    static func name(in bytes: UnsafeRawBufferPointer, at offset: UInt32) -> String {
        String(decoding: raw(in: bytes, at: offset), as: UTF8.self)
    }

    static func sort(_ offsets: [UInt32], in bytes: UnsafeRawBufferPointer) -> [UInt32] {
        var sorted = offsets
        sorted.sort { precedes(bytes, $0, $1) }
        return sorted
    }

    static func duplicate(in sorted: [UInt32], bytes: UnsafeRawBufferPointer) -> UInt32? {
        zip(sorted, sorted.dropFirst()).first { !precedes(bytes, $0, $1) }?.0
    }

    static func find(_ name: String, in bytes: UnsafeRawBufferPointer, sorted: [UInt32]) -> UInt32? {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if raw(in: bytes, at: sorted[middle]).lexicographicallyPrecedes(name.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < sorted.count, raw(in: bytes, at: sorted[low]).elementsEqual(name.utf8) else { return nil }
        return sorted[low]
    }

    private static func precedes(_ bytes: UnsafeRawBufferPointer, _ left: UInt32, _ right: UInt32) -> Bool {
        var (left, right) = (Int(left) + 1, Int(right) + 1)
        while true {
            let (a, b) = (bytes[left], bytes[right])
            if b == UInt8(ascii: "\"") { return false }
            if a == UInt8(ascii: "\"") { return true }
            if a != b { return a < b }
            left += 1
            right += 1
        }
    }
}
