/// Numbers as ECMAScript writes them, which RFC 8785 makes the canonical form.
///
/// The digits are the fewest that read back as the same double, the nearest to it among those; the layout depends on
/// where the decimal point falls: plain from 10⁻⁶ up to 10²¹, with an exponent beyond.
///
/// Source: ECMA-262, Number::toString; RFC 8785 §3.2.2.3.
enum ECMAScriptNumber {
    /// The text of a number.
    ///
    /// - Parameter value: a finite number; negative zero is written as zero.
    /// - Returns: the text.
    static func text(of value: Double) -> String {
        if value.magnitude < 1e15, let integer = Int64(exactly: value) { return String(integer) }
        // Here the standard library has the same layout.
        if (1e-4..<1e15).contains(value.magnitude) { return value.description }
        let sign = value < 0 ? "-" : ""
        let (digits, point) = decimal(value.magnitude)
        let count = digits.count
        switch point {
        case count...21:
            return sign + String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: point - count)
        case 1...21:
            return sign + String(decoding: digits[..<point], as: UTF8.self) + "."
                + String(decoding: digits[point...], as: UTF8.self)
        case -5...0:
            return sign + "0." + String(repeating: "0", count: -point) + String(decoding: digits, as: UTF8.self)
        default:
            let exponent = point - 1
            let fraction = count > 1 ? "." + String(decoding: digits[1...], as: UTF8.self) : ""
            return sign + String(decoding: digits[..<1], as: UTF8.self) + fraction
                + "e" + (exponent < 0 ? "-" : "+") + String(exponent.magnitude)
        }
    }

    /// The shortest digits d and the place p of the decimal point, so that the value is 0.d · 10ᵖ.
    ///
    /// Neither the first nor the last digit is zero.
    private static func decimal(_ value: Double) -> (digits: [UInt8], point: Int) {
        // The standard library's description has the shortest digits; only its layout differs.
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var text = Array(value.description.utf8)[...]
        if let mark = text.firstIndex(of: UInt8(ascii: "e")) {
            exponent = Int(String(decoding: text[(mark + 1)...], as: UTF8.self)) ?? 0
            text = text[..<mark]
        }
        for byte in text {
            if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte) }
        }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        let tail = digits.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        return (Array(digits[zeros..<(digits.count - tail)]), (point ?? digits.count) + exponent - zeros)
    }
}
