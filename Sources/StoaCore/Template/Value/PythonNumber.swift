private import Glibc

/// Numbers as Python writes and reads them.
package enum PythonNumber {
    /// The text of `repr(float)`: the shortest digits that read back the same.
    package static func text(of value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        var digits = value.magnitude.description
        var exponent = 0
        if let mark = digits.firstIndex(of: "e") {
            exponent = Int(digits[digits.index(after: mark)...]) ?? 0
            digits = String(digits[..<mark])
        }
        var point = digits.count
        if let dot = digits.firstIndex(of: ".") {
            point = digits.distance(from: digits.startIndex, to: dot)
            digits.remove(at: dot)
        }
        point += exponent
        let leading = digits.prefix { $0 == "0" }.count
        digits.removeFirst(leading)
        point -= leading
        while digits.last == "0" { digits.removeLast() }
        let sign = value.sign == .minus ? "-" : ""
        if digits.isEmpty { return sign + "0.0" }
        return sign + layout(digits: digits, point: point)
    }

    /// Digits with a decimal point before the digit numbered `point`, in Python's choice of notation.
    private static func layout(digits: String, point: Int) -> String {
        if point > -4, point <= 16 {
            if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
            if point >= digits.count { return digits + String(repeating: "0", count: point - digits.count) + ".0" }
            return digits.prefix(point) + "." + digits.dropFirst(point)
        }
        let exponent = point - 1
        let magnitude = String(exponent.magnitude)
        let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
        return "\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(magnitude.count < 2 ? "0" : "")\(magnitude)"
    }

    /// The text of C's `printf` with one conversion (`f`, `e` or `g`); the precision is at most 300.
    package static func text(of value: Double, conversion: Character, precision: Int, alternate: Bool = false) -> String
    {
        let format = "%\(alternate ? "#" : "").\(precision)\(conversion)"
        var buffer = [CChar](repeating: 0, count: 1024)
        let count = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
        return String(decoding: buffer.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The value of `int(text, base)`, or nil where the text is no integer; beyond 64 bits is nil too.
    package static func integer(_ text: String, base: Int) -> Int? {
        var body = Substring(String(String.UnicodeScalarView(trimmed(text))))
        var sign = ""
        if let first = body.first, first == "-" || first == "+" {
            sign = first == "-" ? "-" : ""
            body = body.dropFirst()
        }
        var radix = base
        let prefixes: [(String, Int)] = [("0x", 16), ("0o", 8), ("0b", 2)]
        for (prefix, value) in prefixes where radix == value || radix == 0 {
            if body.lowercased().hasPrefix(prefix) {
                body = body.dropFirst(2)
                if body.first == "_" { body = body.dropFirst() }
                radix = value
                break
            }
        }
        if radix == 0 {
            if body.count > 1, body.first == "0", body.contains(where: { $0 != "0" && $0 != "_" }) { return nil }
            radix = 10
        }
        guard (2...36).contains(radix), let digits = withoutUnderscores(body) else { return nil }
        return Int(sign + digits, radix: radix)
    }

    /// The value of `float(text)`, or nil where the text is no number.
    package static func float(_ text: String) -> Double? {
        let body = String(String.UnicodeScalarView(trimmed(text))).lowercased()
        switch body {
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        case "nan", "+nan", "-nan": return .nan
        default:
            guard let digits = withoutUnderscores(body[...]),
                digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.e".utf8.contains($0) }),
                digits.utf8.contains(where: { (0x30...0x39).contains($0) })
            else { return nil }
            // Python reads "1." and ".5"; the standard library wants a digit on both sides.
            var padded = digits
            if let dot = padded.firstIndex(of: ".") {
                let next = padded.index(after: dot)
                if next == padded.endIndex || padded[next] == "e" { padded.insert("0", at: next) }
                if dot == padded.startIndex || "+-".contains(padded[padded.index(before: dot)]) {
                    padded.insert("0", at: dot)
                }
            }
            return Double(padded)
        }
    }

    private static func trimmed(_ text: String) -> ArraySlice<Unicode.Scalar> {
        var scalars = Array(text.unicodeScalars)[...]
        while let first = scalars.first, PythonText.isSpace(first) { scalars.removeFirst() }
        while let last = scalars.last, PythonText.isSpace(last) { scalars.removeLast() }
        return scalars
    }

    /// The text without underscores, or nil where one does not stand between two digits.
    private static func withoutUnderscores(_ text: Substring) -> String? {
        guard text.contains("_") else {
            return text.isEmpty || text.first == "+" || text.first == "-" && text.count == 1 ? nil : String(text)
        }
        let characters = Array(text)
        for (index, character) in characters.enumerated() where character == "_" {
            guard index > 0, index + 1 < characters.count, characters[index - 1].isHexDigit,
                characters[index + 1].isHexDigit
            else { return nil }
        }
        return String(characters.filter { $0 != "_" })
    }
}
