/// A frame between the host and the supervisor: `{u32 length, u8 type, u32 sequence, payload}`, little-endian.
struct SandboxFrame: Sendable, Hashable {
    /// What a frame says.
    enum Kind: UInt8, Sendable {
        // From the host.
        case run = 82  // R
        case input = 73  // I
        // From the supervisor.
        case ready = 114  // r
        case stdout = 111  // o
        case stderr = 101  // e
        case control = 99  // c
        case done = 100  // d
        case exit = 120  // x
        /// From the launcher: what bubblewrap and the supervisor complained about.
        case failed = 102  // f
    }

    let kind: Kind
    let sequence: UInt32
    let payload: [UInt8]

    /// The frame as bytes.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt32(payload.count))
        writer.append(kind.rawValue)
        writer.append(sequence)
        writer.bytes += payload
        return writer.bytes
    }
}

/// Puts frames together from pieces of a stream.
struct FrameDecoder: Sendable {
    private var buffer: [UInt8] = []
    private var start = 0

    /// No frame of the supervisor is longer: two streams' limits and a header.
    static let maximumPayload = 40 << 20
    private static let headerBytes = 9

    /// Takes bytes as they came.
    ///
    /// - Parameter bytes: the next bytes of the stream.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame; nil where more bytes are needed.
    ///
    /// - Returns: the frame.
    /// - Throws: `FrameDecoder.Malformed` for a stream that is not of the supervisor.
    mutating func next() throws(Malformed) -> SandboxFrame? {
        var reader = ByteReader(buffer[start...])
        guard let length = reader.uint32(), let type = reader.byte(), let sequence = reader.uint32() else { return nil }
        guard length <= Self.maximumPayload, let kind = SandboxFrame.Kind(rawValue: type) else { throw Malformed() }
        guard let payload = reader.bytes(Int(length)) else { return nil }
        start += Self.headerBytes + payload.count
        return SandboxFrame(kind: kind, sequence: sequence, payload: payload)
    }

    /// The stream does not consist of frames.
    struct Malformed: Error {}
}

/// Little-endian bytes, written.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Little-endian bytes, read.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    private mutating func integer<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
        let size = MemoryLayout<Value>.size
        guard rest.count >= size else { return nil }
        var value: Value = 0
        for byte in rest.prefix(size).reversed() { value = value << 8 | Value(truncatingIfNeeded: byte) }
        rest = rest.dropFirst(size)
        return value
    }

    mutating func byte() -> UInt8? { rest.popFirst() }
    mutating func uint32() -> UInt32? { integer(UInt32.self) }
    mutating func uint64() -> UInt64? { integer(UInt64.self) }
    mutating func int32() -> Int32? { uint32().map { Int32(bitPattern: $0) } }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// Whatever is left.
    var remaining: [UInt8] { Array(rest) }
}
