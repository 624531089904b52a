/// A cursor over little-endian bytes whose every step is checked against the end.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    /// The offset of the next byte.
    private(set) var position: Int
    /// The file, for messages.
    let path: String
    /// What is being read, for messages.
    var subject: String

    init(bytes: UnsafeRawBufferPointer, at position: Int = 0, path: String, subject: String) {
        self.bytes = bytes
        self.position = position
        self.path = path
        self.subject = subject
    }

    var remaining: Int { bytes.count - position }

    func malformed(_ problem: String) -> WeightFileError {
        WeightFileError(.malformed, path: path, subject: subject, problem: problem)
    }

    private func truncated(_ count: UInt64) -> WeightFileError {
        WeightFileError(
            .malformed, path: path, subject: subject,
            problem: "needs \(count) bytes at offset \(position), the file ends at \(bytes.count)",
            hint: "the file is truncated or damaged: fetch it again")
    }

    /// Moves past `count` bytes and gives the offset of the first.
    @discardableResult
    mutating func take(_ count: UInt64) throws(WeightFileError) -> Int {
        guard count <= UInt64(remaining) else { throw truncated(count) }
        defer { position += Int(count) }
        return position
    }

    /// Moves past `count` items of `size` bytes.
    mutating func take(_ count: UInt64, of size: Int) throws(WeightFileError) {
        let (total, overflow) = count.multipliedReportingOverflow(by: UInt64(size))
        try take(overflow ? .max : total)
    }

    /// Reads a fixed-width little-endian integer.
    @inline(__always)
    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(WeightFileError) -> Value {
        let size = MemoryLayout<Value>.size
        guard size <= remaining else { throw truncated(UInt64(size)) }
        defer { position += size }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
    }

    /// Reads a 64-bit count of items of at least `size` bytes each, which the rest of the file must be able to hold.
    mutating func count(ofAtLeast size: Int, _ what: String) throws(WeightFileError) -> Int {
        let count = try integer(UInt64.self)
        guard count <= UInt64(remaining / size) else {
            throw malformed(
                "claims \(count) \(what), of which at most \(remaining / size) fit the \(remaining) bytes that follow")
        }
        return Int(count)
    }

    /// Moves past a string (64-bit length, bytes) and gives the range of its bytes.
    @inline(__always)
    @discardableResult
    mutating func string() throws(WeightFileError) -> Range<Int> {
        let length = try integer(UInt64.self)
        let start = try take(length)
        return start..<position
    }
}
