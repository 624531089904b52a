internal import BigInt

// Digits, and what parts and follows them.
extension MathLexer {
    mutating func number() throws(NotMathematics) {
        let start = position
        var digits = takeDigits()
        var isPlain = !digits.isEmpty
        if let groups = takeGroups(from: start, digits.count) {
            digits += groups
            isPlain = false
        }
        var places = 0
        if byte() == UInt8(ascii: "."), byte(1)?.isDigit == true {
            position += 1
            let fraction = takeDigits()
            digits += fraction
            places = fraction.count
            isPlain = false
        }
        guard digits.count <= NumberLimits.digits else { throw NotMathematics() }
        // A second point, or one that nothing follows but more of them.
        if byte() == UInt8(ascii: "."), byte(1)?.isDigit == true || byte(1) == UInt8(ascii: ".") {
            throw NotMathematics()
        }
        var exponent = -places
        if let power = try takeExponent(behind: digits, isPlain: isPlain) {
            exponent += power
            isPlain = false
        }
        let value: Rational
        if digits.count <= 18 {
            value = Rational(BigInt(digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }))
        } else {
            value = Rational(BigInt(String(decoding: digits, as: UTF8.self)) ?? 0)
        }
        let text = isPlain ? String(decoding: digits, as: UTF8.self) : nil
        if let repeating = takeRepetend(places: places) {
            return emit(.number(value * .powerOfTen(-places) + repeating, digits: nil))
        }
        // A point, and a bar over no digits.
        guard !digits.isEmpty else { throw NotMathematics() }
        emit(.number(exponent == 0 ? value : value * .powerOfTen(exponent), digits: text))
    }

    private mutating func takeDigits() -> [UInt8] {
        let start = position
        while position < bytes.count, bytes[position].isDigit { position += 1 }
        return Array(bytes[start..<position])
    }

    /// Groups of three digits: `1,234`, `1{,}234`, `1,\!234`.
    ///
    /// Inside brackets a bare comma parts entries, unless other commas there have spaces behind them.
    private mutating func takeGroups(from start: Int, _ count: Int) -> [UInt8]? {
        guard (1...3).contains(count), bytes[start] != 0x30 else { return nil }
        if start >= 2, bytes[start - 1] == UInt8(ascii: ","), bytes[start - 2].isDigit { return nil }
        let first = position
        var groups: [UInt8] = []
        while true {
            let place = position
            let isBare = !take("{,}") && !take(",\\!") && !take("{,}\\!") && !take("\\,")
            if isBare {
                guard depth == 0 || hasSpacedCommas, take(",") else { break }
            }
            let group = takeDigits()
            guard group.count == 3 else {
                position = place
                // 1,234,56 is no number, nor is 1,2345.
                if isBare, !group.isEmpty {
                    position = first
                    return nil
                }
                break
            }
            groups += group
        }
        return groups.isEmpty ? nil : groups
    }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[position...].starts(with: text.utf8) else { return false }
        position += text.utf8.count
        return true
    }

    /// `e5`, `E-05` right behind digits; `2e-1` is twice Euler's number less one.
    private mutating func takeExponent(behind mantissa: [UInt8], isPlain: Bool) throws(NotMathematics) -> Int? {
        guard byte() == UInt8(ascii: "e") || byte() == UInt8(ascii: "E") else { return nil }
        let isSigned = byte(1) == UInt8(ascii: "-") || byte(1) == UInt8(ascii: "+")
        guard byte(isSigned ? 2 : 1)?.isDigit == true else { return nil }
        if isSigned, byte() == UInt8(ascii: "e"), isPlain, mantissa != [0x31], byte(3)?.isDigit != true { return nil }
        let sign = byte(1) == UInt8(ascii: "-") ? -1 : 1
        position += isSigned ? 2 : 1
        let digits = takeDigits()
        guard digits.count <= 4 else { throw NotMathematics() }
        let exponent = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard exponent <= NumberLimits.decimalExponent else { throw NotMathematics() }
        return sign * exponent
    }

    /// Whether a bar over digits begins here.
    func isRepetend(_ offset: Int) -> Bool {
        let rest = bytes[(position + offset)...]
        return rest.starts(with: "\\overline".utf8) || rest.starts(with: "\\bar".utf8)
    }

    /// `\overline{3}` behind the digits of a decimal.
    private mutating func takeRepetend(places: Int) -> Rational? {
        let start = position
        guard places > 0 || byte() == UInt8(ascii: "."), byte(places > 0 ? 0 : 1) == UInt8(ascii: "\\") else {
            return nil
        }
        if places == 0 { position += 1 }
        guard take("\\overline{") || take("\\bar{") || take("\\overline ") || take("\\bar ") else {
            position = start
            return nil
        }
        let isBraced = bytes[position - 1] == UInt8(ascii: "{")
        let digits = takeDigits()
        guard !digits.isEmpty, digits.count <= 60, !isBraced || take("}"),
            let value = BigInt(String(decoding: digits, as: UTF8.self)),
            let part = Rational(value, over: BigInt(10).power(digits.count) - 1)
        else {
            position = start
            return nil
        }
        return part * .powerOfTen(-places)
    }
}
