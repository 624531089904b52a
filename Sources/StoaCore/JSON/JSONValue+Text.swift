internal import OrderedCollections

extension JSONValue {
    /// The compact text of the value: members in their own order, no white space, numbers in their shortest form that
    /// reads back the same, as ECMAScript writes them.
    ///
    /// Numbers that are not finite, for which JSON has no spelling, become `null`.
    ///
    /// Determinism: a pure function of the value.
    public var text: String {
        var output = ""
        write(into: &output, sorted: false)
        return output
    }

    /// The canonical text of RFC 8785: as `text`, with the members of every object ordered by the UTF-16 code units of
    /// their keys, so that equal documents have equal bytes and equal hashes.
    ///
    /// Differs from RFC 8785: integers beyond 2⁵³ keep all their digits instead of being rounded to a double, since
    /// seeds and nanoseconds need them.
    ///
    /// Source: RFC 8785 §3.2.
    public var canonicalText: String {
        var output = ""
        write(into: &output, sorted: true)
        return output
    }

    private func write(into output: inout String, sorted: Bool) {
        switch self {
        case .null: output += "null"
        case .bool(let value): output += value ? "true" : "false"
        case .integer(let value): output += String(value)
        case .number(let value): output += value.isFinite ? ECMAScriptNumber.text(of: value) : "null"
        case .string(let value): Self.write(value, into: &output)
        case .array(let elements):
            output += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { output += "," }
                element.write(into: &output, sorted: sorted)
            }
            output += "]"
        case .object(let members):
            let keys =
                sorted ? members.keys.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) } : Array(members.keys)
            output += "{"
            for (index, key) in keys.enumerated() {
                if index > 0 { output += "," }
                Self.write(key, into: &output)
                output += ":"
                members[key]?.write(into: &output, sorted: sorted)
            }
            output += "}"
        }
    }

    private static func write(_ string: String, into output: inout String) {
        var string = string
        output += "\""
        string.withUTF8 { bytes in
            // Runs that need no escape are copied whole.
            var start = 0
            func copy(to end: Int) {
                if end > start { output += String(decoding: bytes[start..<end], as: UTF8.self) }
                start = end + 1
            }
            for (index, byte) in bytes.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
                copy(to: index)
                output += escape(byte)
            }
            copy(to: bytes.count)
        }
        output += "\""
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case 0x22: "\\\""
        case 0x5C: "\\\\"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x09: "\\t"
        case 0x08: "\\b"
        case 0x0C: "\\f"
        default: "\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
        }
    }
}
