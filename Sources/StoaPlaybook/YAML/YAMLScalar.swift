internal import StoaCore

/// What an unquoted word of YAML means.
///
/// Source: the core schema of YAML 1.2.2, §10.3.2. So `yes`, `no`, `on` and `off` are texts, and so are infinities and
/// NaN, which JSON does not have.
enum YAMLScalar {
    static func value(of text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: return number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> JSONValue? {
        let bytes = Array(text.utf8)
        // Longer digits say nothing that a number could hold.
        guard bytes.count <= 64, let first = bytes.first, first < 0x3A else { return nil }
        if text.hasPrefix("0x") || text.hasPrefix("0o") {
            let digits = String(text.dropFirst(2))
            guard digits.first != "-", digits.first != "+" else { return nil }
            return Int64(digits, radix: text.hasPrefix("0x") ? 16 : 8).map { .integer($0) }
        }
        var rest = bytes[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let whole = takeDigits(&rest)
        var isInteger = true
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = takeDigits(&rest)
            isInteger = false
        }
        guard whole + fraction > 0 else { return nil }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard takeDigits(&rest) > 0 else { return nil }
            isInteger = false
        }
        guard rest.isEmpty else { return nil }
        if isInteger, let value = Int64(text) { return .integer(value) }
        return Double(text).flatMap { $0.isFinite ? .number($0) : nil }
    }

    private static func takeDigits(_ bytes: inout ArraySlice<UInt8>) -> Int {
        let digits = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        bytes = bytes.dropFirst(digits.count)
        return digits.count
    }
}
