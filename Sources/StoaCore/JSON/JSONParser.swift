internal import OrderedCollections

/// A strict RFC 8259 parser over UTF-8 bytes.
///
/// Complexity: linear in the input; nesting is bounded, so hostile input cannot exhaust the stack.
public struct JSONParser {
    /// The deepest nesting that is accepted.
    public static let maximumDepth = 256

    private var cursor: JSONCursor
    private var depth = 0

    private init(cursor: JSONCursor) { self.cursor = cursor }

    /// Parses one document from UTF-8 bytes.
    ///
    /// - Parameter bytes: the whole document; nothing but white space may follow the value.
    /// - Returns: the value.
    /// - Throws: `JSONError` with line and column.
    public static func parse(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSONValue {
        try Array(bytes).withUnsafeBufferPointer { buffer throws(JSONError) in
            var parser = JSONParser(cursor: JSONCursor(bytes: UnsafeRawBufferPointer(buffer)))
            parser.cursor.skipSpace()
            let value = try parser.value()
            parser.cursor.skipSpace()
            guard parser.current == nil else { throw parser.error("unexpected text after the document") }
            return value
        }
    }

    /// Parses one document from a string.
    ///
    /// - Parameter text: the whole document.
    /// - Returns: the value.
    /// - Throws: `JSONError` with line and column.
    public static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(text.utf8)
    }

    /// Parses the value that begins at the cursor, which moves behind it.
    static func value(at cursor: inout JSONCursor) throws(JSONError) -> JSONValue {
        cursor.skipSpace()
        var parser = JSONParser(cursor: cursor)
        let value = try parser.value()
        cursor = parser.cursor
        return value
    }

    private var bytes: UnsafeRawBufferPointer { cursor.bytes }
    private var current: UInt8? { cursor.current }
    private var index: Int {
        get { cursor.index }
        set { cursor.index = newValue }
    }

    private func error(_ reason: String, at offset: Int? = nil) -> JSONError { cursor.error(reason, at: offset) }

    private mutating func value() throws(JSONError) -> JSONValue {
        guard let byte = current else { throw error("unexpected end, expected a value") }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try cursor.string(.repaired))
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("unexpected character, expected a value")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let count = word.utf8CodeUnitCount
        guard index + count <= bytes.count, word.description.utf8.elementsEqual(bytes[index..<index + count]) else {
            throw error("unexpected word, expected \(word)")
        }
        index += count
        return value
    }

    private mutating func descend() throws(JSONError) {
        depth += 1
        guard depth <= Self.maximumDepth else {
            throw error("nesting deeper than \(Self.maximumDepth) levels")
        }
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        try descend()
        defer { depth -= 1 }
        index += 1
        var members: OrderedDictionary<String, JSONValue> = [:]
        cursor.skipSpace()
        if current == UInt8(ascii: "}") {
            index += 1
            return .object(members)
        }
        while true {
            cursor.skipSpace()
            guard current == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
            let key = try cursor.string(.repaired)
            cursor.skipSpace()
            guard current == UInt8(ascii: ":") else { throw error("expected ':' after a key") }
            index += 1
            cursor.skipSpace()
            members[key] = try value()
            cursor.skipSpace()
            switch current {
            case UInt8(ascii: ","): index += 1
            case UInt8(ascii: "}"):
                index += 1
                return .object(members)
            default: throw error("expected ',' or '}' in an object")
            }
        }
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        try descend()
        defer { depth -= 1 }
        index += 1
        var elements: [JSONValue] = []
        cursor.skipSpace()
        if current == UInt8(ascii: "]") {
            index += 1
            return .array(elements)
        }
        while true {
            cursor.skipSpace()
            elements.append(try value())
            cursor.skipSpace()
            switch current {
            case UInt8(ascii: ","): index += 1
            case UInt8(ascii: "]"):
                index += 1
                return .array(elements)
            default: throw error("expected ',' or ']' in an array")
            }
        }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = index
        var isInteger = true
        if current == UInt8(ascii: "-") { index += 1 }
        let firstDigit = index
        try digits()
        let lastDigit = index
        if bytes[firstDigit] == UInt8(ascii: "0"), index - firstDigit > 1 {
            throw error("a number may not start with 0", at: firstDigit)
        }
        if current == UInt8(ascii: ".") {
            isInteger = false
            index += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            index += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
            try digits()
        }
        // Up to 18 digits cannot overflow and need no detour through a string.
        if isInteger, lastDigit - firstDigit <= 18 {
            var magnitude: Int64 = 0
            for byte in bytes[firstDigit..<lastDigit] { magnitude = magnitude * 10 + Int64(byte - UInt8(ascii: "0")) }
            return .integer(firstDigit > start ? -magnitude : magnitude)
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            throw error("number out of range", at: start)
        }
        return .number(value)
    }

    private mutating func digits() throws(JSONError) {
        let start = index
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw error("expected a digit") }
    }
}
