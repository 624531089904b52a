internal import BigInt

// How numbers are written. Nothing here reads a sign, a currency or a unit.
extension TextScanner {
    /// A number as digits, and how many of them stood behind the point.
    struct Literal {
        var value: Rational
        /// Digits behind the decimal point; nil for a number without a point.
        var places: Int?
        var isInteger: Bool { places == nil && value.isInteger }
    }

    /// Reads digits: `42`, `1,234`, `0.5`, `.5`, `1.5e-3`.
    ///
    /// Commas (also `{,}` and `,\!` as LaTeX has them) part digits into groups of three or are none of the number's:
    /// `1,2` and `0,123` are no numbers, because in some countries they would be decimals.
    ///
    /// - Returns: nil, at the old position, where no number is or a bound is passed.
    mutating func takeLiteral() -> Literal? {
        let start = position
        guard let literal = readLiteral() else {
            position = start
            return nil
        }
        return literal
    }

    private mutating func readLiteral() -> Literal? {
        let start = position
        var digits = takeDigits()
        if let groups = takeGroups(after: digits) { digits += groups }
        // A comma with a digit behind it that is no group of three.
        if let comma = next, comma == 0x2C, byte(1)?.isDigit == true, position > start { return nil }
        var places: Int?
        if next == 0x2E, byte(1)?.isDigit == true {
            position += 1
            let fraction = takeDigits()
            places = fraction.count
            digits += fraction
        }
        guard !digits.isEmpty, digits.count <= NumberLimits.digits else { return nil }
        var exponent = -(places ?? 0)
        if let power = takeExponent() {
            guard abs(power) <= NumberLimits.decimalExponent else { return nil }
            exponent += power
            // Digits with a power of ten are no whole number as it is written.
            places = places ?? 0
        }
        return Literal(value: Self.integer(digits) * .powerOfTen(exponent), places: places)
    }

    private mutating func takeDigits() -> ArraySlice<UInt8> {
        let start = position
        while isAtDigit { position += 1 }
        return bytes[start..<position]
    }

    /// Groups of three digits behind the first digits; nil where there are none.
    private mutating func takeGroups(after first: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard (1...3).contains(first.count), first.first != 0x30 else { return nil }
        var groups: ArraySlice<UInt8> = []
        while true {
            var ahead = self
            guard ahead.take(anyOf: [",\\!", "{,}", ","]) else { break }
            let group = ahead.takeDigits()
            guard group.count == 3 else { break }
            groups += group
            self = ahead
        }
        return groups.isEmpty ? nil : groups
    }

    /// `e5`, `E-5`; nil, with nothing changed, for anything else.
    private mutating func takeExponent() -> Int? {
        guard next == 0x65 || next == 0x45 else { return nil }
        var ahead = self
        ahead.position += 1
        let sign = ahead.takeSign() ?? 1
        guard let exponent = ahead.takeSmallInteger() else { return nil }
        self = ahead
        return sign * exponent
    }

    /// Digits as a number that is as good as infinite where it is long; nil where there are none.
    private mutating func takeSmallInteger() -> Int? {
        let digits = takeDigits()
        guard !digits.isEmpty else { return nil }
        return digits.count > 9 ? 1_000_000_000 : digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func integer(_ digits: ArraySlice<UInt8>) -> Rational {
        if digits.count <= 18 { return Rational(BigInt(digits.reduce(0) { $0 * 10 + Int($1 - 0x30) })) }
        return Rational(BigInt(String(decoding: digits, as: UTF8.self)) ?? 0)
    }

    // MARK: - Fractions and powers of ten

    /// Reads a number without a sign: digits, `3/4`, `\frac{3}{4}`, `½`, `2 1/2`, `1.5 \times 10^{3}`.
    ///
    /// - Returns: nil, at the old position, where no number is or a bound is passed.
    mutating func takeMagnitude() -> Rational? {
        let start = position
        guard let value = readMagnitude() else {
            position = start
            return nil
        }
        return value
    }

    private mutating func readMagnitude() -> Rational? {
        if let fraction = takeFractionSign() { return fraction }
        guard let literal = takeLiteral() else { return nil }
        if literal.isInteger {
            switch takeProperFraction() {
            case .some(.some(let fraction)): return literal.value + fraction
            case .some(.none): return nil
            case .none: break
            }
        }
        var ahead = self
        ahead.skipSpaces()
        if ahead.take(anyOf: ["/", "\u{2044}"]) {
            ahead.skipSpaces()
            guard let below = ahead.takeLiteral() else { return literal.value }
            // A date, or a division of more than two numbers.
            var behind = ahead
            behind.skipSpaces()
            guard !behind.starts(with: "/") else { return nil }
            self = ahead
            return literal.value.divided(by: below.value)
        }
        if ahead.take(anyOf: ["\\times", "\\cdot", "\u{D7}", "\u{B7}", "*"]) {
            ahead.skipSpaces()
            guard ahead.take("10^"), let exponent = ahead.takePower() else { return literal.value }
            guard abs(exponent) <= NumberLimits.decimalExponent else { return nil }
            self = ahead
            return literal.value * .powerOfTen(exponent)
        }
        return literal.value
    }

    /// The exponent behind `^`: `3`, `-3`, `{-3}`.
    private mutating func takePower() -> Int? {
        let isBraced = take("{")
        let sign = takeSign() ?? 1
        guard let exponent = takeSmallInteger(), !isBraced || take("}") else { return nil }
        return sign * exponent
    }

    /// The fraction of a mixed number behind its whole part.
    ///
    /// - Returns: nil where there is none; a nil inside where there is something like it that is no proper fraction.
    private mutating func takeProperFraction() -> Rational?? {
        var ahead = self
        let isApart = ahead.skipSpaces()
        let fraction: Rational?
        if ahead.isAtFractionSign {
            fraction = ahead.takeFractionSign()
        } else {
            guard isApart, ahead.isAtDigit, let above = ahead.takeLiteral(), above.isInteger,
                ahead.take(anyOf: ["/", "\u{2044}"]), let below = ahead.takeLiteral(), below.isInteger
            else { return .none }
            fraction = above.value.divided(by: below.value)
        }
        self = ahead
        guard let fraction, !fraction.isNegative, fraction < 1 else { return .some(.none) }
        return .some(.some(fraction))
    }

    private static let fractionCommands = ["\\frac", "\\dfrac", "\\tfrac", "\\cfrac"]

    private static let vulgar: [(text: String, above: Int, below: Int)] = [
        ("½", 1, 2), ("⅓", 1, 3), ("⅔", 2, 3), ("¼", 1, 4), ("¾", 3, 4), ("⅕", 1, 5), ("⅖", 2, 5), ("⅗", 3, 5),
        ("⅘", 4, 5), ("⅙", 1, 6), ("⅚", 5, 6), ("⅛", 1, 8), ("⅜", 3, 8), ("⅝", 5, 8), ("⅞", 7, 8),
    ]

    /// Whether a fraction is here that is written as one sign or command.
    var isAtFractionSign: Bool {
        guard let byte = next, byte == 0x5C || byte.isBeyondASCII else { return false }
        return Self.fractionCommands.contains { starts(with: $0) } || Self.vulgar.contains { starts(with: $0.text) }
    }

    /// `\frac{3}{4}`, `\frac34`, `½`.
    private mutating func takeFractionSign() -> Rational? {
        guard isAtFractionSign else { return nil }
        for (text, above, below) in Self.vulgar where take(text) { return Rational(BigInt(above), over: BigInt(below)) }
        _ = take(anyOf: Self.fractionCommands)
        guard let above = takeArgument(), let below = takeArgument() else { return nil }
        return above.divided(by: below)
    }

    /// An argument of a LaTeX command that is a number: `{-3}`, or a single digit.
    private mutating func takeArgument() -> Rational? {
        skipSpaces()
        if let digit = next, digit.isDigit {
            position += 1
            return Rational(BigInt(Int(digit - 0x30)))
        }
        guard take("{") else { return nil }
        skipSpaces()
        let sign = takeSign() ?? 1
        guard let value = takeLiteral()?.value else { return nil }
        skipSpaces()
        return take("}") ? (sign < 0 ? -value : value) : nil
    }
}
