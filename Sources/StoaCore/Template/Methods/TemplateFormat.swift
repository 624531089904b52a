/// One field of Python's format mini-language: `[[fill]align][sign][#][0][width][,][.precision][type]`.
struct TemplateFormat {
    enum Alignment {
        case left
        case right
        case center
        case afterSign
    }

    var fill: Unicode.Scalar = " "
    var alignment: Alignment?
    var sign: Unicode.Scalar?
    var isAlternate = false
    var width = 0
    var grouping: Unicode.Scalar?
    var precision: Int?
    var conversion: Unicode.Scalar?

    /// The most digits after the point that are accepted, and the largest width.
    static let largestPrecision = 300
    static let largestWidth = 100_000

    init() {}

    /// Parses a specification such as `>8.2f`; nil where it does not follow the grammar.
    init?(_ text: String) {
        var rest = Array(text.unicodeScalars)[...]
        func alignment(_ scalar: Unicode.Scalar?) -> Alignment? {
            switch scalar {
            case "<": .left
            case ">": .right
            case "^": .center
            case "=": .afterSign
            default: nil
            }
        }
        if rest.count > 1, let found = alignment(rest[rest.startIndex + 1]) {
            fill = rest[rest.startIndex]
            self.alignment = found
            rest = rest.dropFirst(2)
        } else if let found = alignment(rest.first) {
            self.alignment = found
            rest = rest.dropFirst()
        }
        if let first = rest.first, first == "+" || first == "-" || first == " " { sign = rest.removeFirst() }
        if rest.first == "#" {
            isAlternate = true
            rest = rest.dropFirst()
        }
        if rest.first == "0" {
            if self.alignment == nil {
                fill = "0"
                self.alignment = .afterSign
            }
            rest = rest.dropFirst()
        }
        guard let width = Self.number(&rest, limit: Self.largestWidth) else { return nil }
        self.width = width.value
        if let first = rest.first, first == "," || first == "_" { grouping = rest.removeFirst() }
        if rest.first == "." {
            rest = rest.dropFirst()
            guard let precision = Self.number(&rest, limit: Self.largestPrecision), precision.hasDigits else {
                return nil
            }
            self.precision = precision.value
        }
        conversion = rest.popFirst()
        guard rest.isEmpty else { return nil }
    }

    static func number(
        _ rest: inout ArraySlice<Unicode.Scalar>, limit: Int
    ) -> (value: Int, hasDigits: Bool)? {
        var value = 0
        var hasDigits = false
        while let digit = rest.first, ("0"..."9").contains(digit) {
            value = value * 10 + Int(digit.value - 48)
            guard value <= limit else { return nil }
            hasDigits = true
            rest = rest.dropFirst()
        }
        return (value, hasDigits)
    }

    // MARK: - Values

    /// A string under the specification; nil where the specification is for numbers.
    func apply(to text: TemplateString) -> TemplateString? {
        guard conversion == nil || conversion == "s", sign == nil, grouping == nil, !isAlternate,
            alignment != .afterSign || fill == "0"
        else { return nil }
        var text = text
        if let precision { text = text.slice(0..<text.offset(ofScalar: precision)) }
        return padded(text, default: .left)
    }

    /// A number under the specification; nil where the specification does not fit it.
    func apply(to number: TemplateNumber) -> TemplateString? {
        switch number {
        case .integer(let value):
            switch conversion {
            case nil, "d", "n", "x", "X", "o", "b", "c": return apply(toInteger: value)
            case "e", "E", "f", "F", "g", "G", "%": return apply(toFloat: Double(value))
            default: return nil
            }
        case .float(let value):
            switch conversion {
            case nil, "e", "E", "f", "F", "g", "G", "n", "%": return apply(toFloat: value)
            default: return nil
            }
        }
    }

    private func apply(toInteger value: Int) -> TemplateString? {
        guard precision == nil else { return nil }
        if conversion == "c" {
            guard sign == nil, let code = UInt32(exactly: value), let scalar = Unicode.Scalar(code) else { return nil }
            return padded(TemplateString(String(scalar), isTrusted: false), default: .left)
        }
        let (radix, prefix): (Int, String) =
            switch conversion {
            case "x": (16, "0x")
            case "X": (16, "0X")
            case "o": (8, "0o")
            case "b": (2, "0b")
            default: (10, "")
            }
        let digits = String(value.magnitude, radix: radix, uppercase: conversion == "X")
        return number(
            isNegative: value < 0, prefix: isAlternate ? prefix : "", digits: grouped(digits, by: radix == 10 ? 3 : 4))
    }

    private func apply(toFloat value: Double) -> TemplateString? {
        let scaled = conversion == "%" ? value * 100 : value
        let magnitude = scaled.magnitude
        var digits: String
        switch conversion {
        case nil where precision == nil: digits = PythonNumber.text(of: magnitude)
        case nil: digits = Self.general(magnitude, precision: max(1, precision ?? 6))
        case "%", "f", "F", "e", "E", "g", "G", "n":
            let letter: Character =
                switch conversion {
                case "e", "E": "e"
                case "g", "G", "n": "g"
                default: "f"
                }
            let precision = letter == "g" ? max(1, precision ?? 6) : precision ?? 6
            digits = PythonNumber.text(of: magnitude, conversion: letter, precision: precision, alternate: isAlternate)
        default: return nil
        }
        if conversion == "E" || conversion == "G" || conversion == "F" { digits = digits.uppercased() }
        let integral = digits.prefix { $0.isNumber }
        digits = grouped(String(integral), by: 3) + digits.dropFirst(integral.count)
        if conversion == "%" { digits += "%" }
        return number(isNegative: scaled.sign == .minus && !scaled.isNaN, prefix: "", digits: digits)
    }

    /// What Python prints for a float with a precision but no conversion: as `g`, but never without a point.
    private static func general(_ value: Double, precision: Int) -> String {
        let text = PythonNumber.text(of: value, conversion: "g", precision: precision)
        guard value.isFinite, !text.contains("."), !text.contains("e") else { return text }
        return text + ".0"
    }

    private func grouped(_ digits: String, by size: Int) -> String {
        guard let grouping else { return digits }
        var result: [Character] = []
        for (index, digit) in digits.reversed().enumerated() {
            if index > 0, index % size == 0 { result.append(Character(grouping)) }
            result.append(digit)
        }
        return String(result.reversed())
    }

    private func number(isNegative: Bool, prefix: String, digits: String) -> TemplateString {
        let mark = isNegative ? "-" : sign == "+" ? "+" : sign == " " ? " " : ""
        let head = mark + prefix
        if alignment == .afterSign {
            let missing = width - head.unicodeScalars.count - digits.unicodeScalars.count
            let filler = String(repeating: Character(fill), count: max(0, missing))
            return TemplateString(head + filler + digits, isTrusted: false)
        }
        return padded(TemplateString(head + digits, isTrusted: false), default: .right)
    }

    func padded(_ text: TemplateString, default standard: Alignment) -> TemplateString {
        let missing = width - text.scalarCount
        guard missing > 0 else { return text }
        let before =
            switch alignment ?? standard {
            case .left: 0
            case .right, .afterSign: alignment == .afterSign && standard == .left ? 0 : missing
            case .center: missing / 2
            }
        let filler = Character(fill)
        var result = TemplateString()
        result.append(String(repeating: filler, count: before), isTrusted: false)
        result.append(text)
        result.append(String(repeating: filler, count: missing - before), isTrusted: false)
        return result
    }
}
