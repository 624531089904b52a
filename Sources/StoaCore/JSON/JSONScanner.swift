/// Walks JSON where it lies, for documents too long to become values: headers and vocabularies of many thousand entries.
///
/// A caller asks for what it expects and says what becomes of it; keys and strings are handed out as ranges or as bytes.
/// A vocabulary must not pass through `String`: two tokens that differ only in their normal form are equal as strings.
///
/// Memory: none of its own. A string costs its length, `value()` what `JSONParser` takes, all else nothing. Skipping is
/// bounded in depth; how deep walking goes is the caller's code.
package struct JSONScanner<Failure: Error> {
    /// The deepest nesting that is skipped.
    package static var maximumDepth: Int { 64 }

    private var cursor: JSONCursor
    private let makeFailure: (JSONError) -> Failure

    /// Starts to read.
    ///
    /// - Parameters:
    ///   - bytes: the document; it must outlive the scanner.
    ///   - position: where to begin.
    ///   - failure: makes the error that is thrown out of what is wrong and where.
    package init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0, failure: @escaping (JSONError) -> Failure) {
        cursor = JSONCursor(bytes: bytes, index: position)
        makeFailure = failure
    }

    /// Bytes before what is read next.
    package var position: Int { cursor.index }

    /// An error at the current place, or at `offset`.
    package func failure(_ reason: String, at offset: Int? = nil) -> Failure {
        makeFailure(cursor.error(reason, at: offset))
    }

    // MARK: - Single characters

    /// The next byte that is not white space, not consumed; nil at the end.
    package mutating func peek() -> UInt8? {
        cursor.skipSpace()
        return cursor.current
    }

    /// Whether the next value begins with `character`.
    package mutating func isNext(_ character: Unicode.Scalar) -> Bool { peek() == UInt8(ascii: character) }

    /// Consumes `character` if it comes next.
    package mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard isNext(character) else { return false }
        cursor.index += 1
        return true
    }

    /// Consumes `character`.
    package mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
        guard take(character) else { throw failure("expected '\(character)'") }
    }

    // MARK: - Strings and numbers

    /// Consumes a string and gives the range of its bytes between the quotes, escapes left as they are.
    package mutating func rawString() throws(Failure) -> Range<Int> {
        try expect("\"")
        let start = position
        while true {
            _ = cursor.plainRun()
            switch cursor.current {
            case UInt8(ascii: "\""):
                cursor.index += 1
                return start..<position - 1
            case UInt8(ascii: "\\") where position + 1 < cursor.bytes.count: cursor.index += 2
            case UInt8(ascii: "\\"): throw failure("string without an end", at: cursor.bytes.count)
            case nil: throw failure("string without an end")
            default: throw failure("control character in a string")
            }
        }
    }

    /// Whether the bytes of a range spell `text`.
    package func spells(_ range: Range<Int>, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount
            && text.withUTF8Buffer { cursor.bytes[range].elementsEqual($0) }
    }

    /// Consumes a string and appends its bytes, which are UTF-8.
    package mutating func string(into buffer: inout [UInt8]) throws(Failure) {
        guard isNext("\"") else { throw failure("expected '\"'") }
        do {
            try cursor.string(into: &buffer, .refused)
        } catch {
            throw makeFailure(error)
        }
    }

    /// Consumes a string of at most so many bytes, escapes included.
    package mutating func string(atMost limit: Int) throws(Failure) -> String {
        _ = peek()
        let start = position
        let raw = try rawString()
        guard raw.count <= limit else { throw failure("string of \(raw.count) bytes") }
        cursor.index = start
        do {
            return try cursor.string(.refused)
        } catch {
            throw makeFailure(error)
        }
    }

    /// Consumes an integer from 0 on, written without sign, fraction or exponent.
    ///
    /// - Parameter what: what it is, for the error.
    /// - Returns: the integer.
    /// - Throws: `Failure` where there is none, or one too large.
    package mutating func unsigned(_ what: String = "an integer from 0 on") throws(Failure) -> Int {
        _ = peek()
        let start = position
        var value = 0
        while let byte = cursor.current, (0x30...0x39).contains(byte) {
            let (tens, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tens.addingReportingOverflow(Int(byte - 0x30))
            guard !overflowed, !carried else { throw failure("integer too large", at: start) }
            value = sum
            cursor.index += 1
        }
        guard position > start, cursor.bytes[start] != 0x30 || position == start + 1 else {
            throw failure("expected \(what)", at: start)
        }
        return value
    }

    // MARK: - Values

    /// Walks an object: `body` is called behind each colon with the range of the key's bytes, escapes left as they are,
    /// and must consume the value.
    package mutating func members(_ body: (inout Self, Range<Int>) throws(Failure) -> Void) throws(Failure) {
        try list("{", "}") { scanner throws(Failure) in
            let key = try scanner.rawString()
            try scanner.expect(":")
            try body(&scanner, key)
        }
    }

    /// As `members`, with the bytes of the key.
    package mutating func decodedMembers(_ body: (inout Self, [UInt8]) throws(Failure) -> Void) throws(Failure) {
        var key: [UInt8] = []
        try list("{", "}") { scanner throws(Failure) in
            key.removeAll(keepingCapacity: true)
            try scanner.string(into: &key)
            try scanner.expect(":")
            try body(&scanner, key)
        }
    }

    /// Walks an array: `body` must consume one element.
    package mutating func elements(_ body: (inout Self) throws(Failure) -> Void) throws(Failure) {
        try list("[", "]", body)
    }

    private mutating func list(
        _ opening: Unicode.Scalar, _ closing: Unicode.Scalar, _ body: (inout Self) throws(Failure) -> Void
    ) throws(Failure) {
        try expect(opening)
        if take(closing) { return }
        repeat { try body(&self) } while take(",")
        try expect(closing)
    }

    /// Consumes any value and builds it.
    package mutating func value() throws(Failure) -> JSONValue {
        do {
            return try JSONParser.value(at: &cursor)
        } catch {
            throw makeFailure(error)
        }
    }

    /// Consumes any value.
    package mutating func skipValue() throws(Failure) { try skipValue(depth: 0) }

    private mutating func skipValue(depth: Int) throws(Failure) {
        guard depth < Self.maximumDepth else { throw failure("nesting deeper than \(Self.maximumDepth) levels") }
        switch peek() {
        case UInt8(ascii: "{"):
            try members { scanner, _ throws(Failure) in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["):
            try elements { scanner throws(Failure) in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try rawString()
        default: _ = try value()
        }
    }
}
