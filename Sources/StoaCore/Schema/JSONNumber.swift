/// A number of a JSON document, compared exactly: integers of 64 bits keep all their digits beside doubles.
public enum JSONNumber: Sendable {
    /// A whole number.
    case integer(Int64)
    /// Any other number; finite.
    case double(Double)

    /// The number of a value; nil for other values, and for numbers that JSON cannot say.
    ///
    /// - Parameter value: any value.
    public init?(_ value: JSONValue) {
        switch value {
        case .integer(let value): self = .integer(value)
        case .number(let value) where value.isFinite:
            self = Int64(exactly: value).map { .integer($0) } ?? .double(value)
        default: return nil
        }
    }

    /// The number as JSON.
    public var value: JSONValue {
        switch self {
        case .integer(let value): .integer(value)
        case .double(let value): .number(value)
        }
    }

    /// Whether it has no fraction.
    public var isWhole: Bool {
        switch self {
        case .integer: true
        case .double(let value): value.rounded(.towardZero) == value
        }
    }

    /// Whether it is a multiple of another number, both taken as they are written in decimal digits: 0.3 is one of 0.1.
    ///
    /// - Parameter divisor: the other number.
    /// - Returns: whether dividing leaves nothing; no number is a multiple of 0.
    public func isMultiple(of divisor: JSONNumber) -> Bool {
        guard let number = Decimal(self), let divisor = Decimal(divisor), divisor.digits != 0 else { return false }
        if number.digits == 0 { return true }
        if number.exponent < divisor.exponent {
            // 10 to the difference would have to be a factor of the digits, which have no more than twenty.
            var digits = number.digits
            for _ in number.exponent..<divisor.exponent {
                guard digits.isMultiple(of: 10) else { return false }
                digits /= 10
            }
            return digits.isMultiple(of: divisor.digits)
        }
        var remainder = number.digits % divisor.digits
        for _ in divisor.exponent..<number.exponent {
            if remainder == 0 { return true }
            let (high, low) = remainder.multipliedFullWidth(by: 10)
            remainder = divisor.digits.dividingFullWidth((high, low)).remainder
        }
        return remainder == 0
    }

    /// The absolute value as digits times a power of ten.
    private struct Decimal {
        var digits: UInt64
        var exponent: Int

        init?(_ number: JSONNumber) {
            guard case .double(let value) = number else {
                guard case .integer(let value) = number else { return nil }
                (digits, exponent) = (value.magnitude, 0)
                return
            }
            // The shortest text that reads back the same: what was written, as far as a double can hold it.
            let parts = value.magnitude.description.split(separator: "e", omittingEmptySubsequences: false)
            let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
            var fraction = mantissa.count > 1 ? mantissa[1] : ""
            while fraction.last == "0" { fraction.removeLast() }
            guard let digits = UInt64(mantissa[0] + fraction),
                let power = parts.count > 1 ? Int(parts[1]) : 0
            else { return nil }
            self.digits = digits
            exponent = power - fraction.count
        }
    }
}

extension JSONNumber: Comparable {
    /// Whether the numbers are the same, however they are kept.
    public static func == (first: JSONNumber, second: JSONNumber) -> Bool { !(first < second) && !(second < first) }

    /// Whether the first is less, without rounding either.
    public static func < (first: JSONNumber, second: JSONNumber) -> Bool {
        switch (first, second) {
        case (.integer(let first), .integer(let second)): first < second
        case (.double(let first), .double(let second)): first < second
        case (.integer(let first), .double(let second)): order(first, second) < 0
        case (.double(let first), .integer(let second)): order(second, first) > 0
        }
    }

    /// Negative where the integer is less, positive where it is greater.
    private static func order(_ integer: Int64, _ double: Double) -> Int {
        guard double < 0x1p63 else { return -1 }
        guard double >= -0x1p63 else { return 1 }
        let whole = double.rounded(.down)
        let other = Int64(whole)
        if integer != other { return integer < other ? -1 : 1 }
        return double > whole ? -1 : 0
    }
}

extension JSONNumber: Hashable {
    /// Hashes the number, which has one form only.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .integer(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value)
        }
    }
}
