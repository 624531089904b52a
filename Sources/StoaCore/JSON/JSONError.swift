/// A JSON text that cannot be accepted, with the place of the first offence.
public struct JSONError: StoaError, Hashable {
    /// What was wrong.
    public let reason: String
    /// Bytes before the offence.
    public let offset: Int
    /// The line, from 1.
    public let line: Int
    /// The column in bytes, from 1.
    public let column: Int

    /// Always bad input.
    public var kind: FailureKind { .badInput }
    /// The reason with its place.
    public var message: String { "JSON: \(reason) at line \(line), column \(column)" }
    /// Nothing beyond the message.
    public var hint: String? { nil }
}

extension JSONError {
    /// An error at a place of a document.
    ///
    /// Complexity: counts the lines before it.
    init(_ reason: String, at offset: Int, in bytes: UnsafeRawBufferPointer) {
        self.reason = reason
        self.offset = min(offset, bytes.count)
        var line = 1
        var lineStart = 0
        for position in 0..<self.offset where bytes[position] == UInt8(ascii: "\n") {
            line += 1
            lineStart = position + 1
        }
        self.line = line
        column = self.offset - lineStart + 1
    }
}
