/// Puts lines together from pieces of a stream.
struct LineSplitter: Sendable {
    /// The longest line.
    let maximumBytes: Int
    private var buffer: [UInt8] = []

    /// A line that is longer than anyone has a use for.
    struct TooLong: Error {}

    /// Creates a splitter.
    init(maximumBytes: Int = 16 << 20) { self.maximumBytes = maximumBytes }

    /// Takes bytes.
    ///
    /// - Parameter bytes: the next ones.
    /// - Returns: the lines that they complete, without their ends and without empty ones.
    /// - Throws: `TooLong`.
    mutating func append(_ bytes: [UInt8]) throws(TooLong) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            buffer += rest[..<end]
            guard buffer.count <= maximumBytes else { throw TooLong() }
            if buffer.last == 0x0D { buffer.removeLast() }
            if !buffer.isEmpty { lines.append(buffer) }
            buffer = []
            rest = rest[(end + 1)...]
        }
        buffer += rest
        guard buffer.count <= maximumBytes else { throw TooLong() }
        return lines
    }
}
