/// An answer that is one number, with what may stand around it.
///
/// What counts as the same number:
/// - p% is p/100 and nothing else;
/// - a decimal equals a fraction only where both are exactly equal;
/// - `1,234` is one number, and `1,2` is none;
/// - a missing unit, currency or variable matches; two different ones never do.
package struct NumericAnswer: Sendable, Hashable {
    /// The number.
    package var value: Rational
    /// The unit or currency, one spelling for each; nil where none is given.
    package var unit: String?
    /// The variable of `x = 3`; nil where none is given.
    package var variable: String?

    /// Reads a text that is one number and nothing else; nil for any other text.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= NumberLimits.textBytes else { return nil }
        var scanner = TextScanner(AnswerWrapping.unwrapped(Array(text.utf8)))
        let variable = scanner.takeVariable()
        guard let amount = scanner.takeAmount(), let unit = scanner.takeUnit(of: amount) else { return nil }
        scanner.skipSpaces()
        guard scanner.isAtEnd else { return nil }
        value = amount.value
        self.unit = unit.isEmpty ? nil : unit
        self.variable = variable
    }

    /// Whether two answers are the same.
    package func isEquivalent(to other: NumericAnswer) -> Bool {
        value == other.value && Self.agree(unit, other.unit) && Self.agree(variable, other.variable)
    }

    private static func agree(_ first: String?, _ second: String?) -> Bool {
        guard let first, let second else { return true }
        return first == second
    }
}

extension TextScanner {
    /// A number with its sign, its currency and its percent sign.
    struct Amount {
        var value: Rational
        var currency: String?
        var isPercent: Bool
    }

    /// Reads `-5`, `$5`, `-$5`, `$-5`, `5%`.
    ///
    /// - Returns: nil, with nothing changed, where there is no such thing.
    mutating func takeAmount() -> Amount? {
        let start = position
        var sign = takeSign()
        if sign != nil { skipSpaces() }
        let currency = takeCurrency()
        if currency != nil {
            skipSpaces()
            if sign == nil { sign = takeSign() }
        }
        guard let magnitude = takeMagnitude() else {
            position = start
            return nil
        }
        let value = sign == -1 ? -magnitude : magnitude
        guard takePercent() else { return Amount(value: value, currency: currency, isPercent: false) }
        return Amount(value: value * .powerOfTen(-2), currency: currency, isPercent: true)
    }

    private mutating func takePercent() -> Bool {
        var ahead = self
        ahead.skipSpaces()
        guard ahead.take(anyOf: ["%", "\\%", "percent", "per cent"]), !ahead.isAtLetter else { return false }
        self = ahead
        return true
    }

    /// `x =`; nil, with nothing changed, where there is none.
    fileprivate mutating func takeVariable() -> String? {
        guard let letter = next, letter.isLetter else { return nil }
        var ahead = self
        ahead.position += 1
        ahead.skipSpaces()
        guard ahead.take("="), ahead.next != 0x3D else { return nil }
        ahead.skipSpaces()
        self = ahead
        return String(UnicodeScalar(letter))
    }
}
