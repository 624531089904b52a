/// A fraction of 128-bit integers in lowest terms: exact, small and fast, for the numbers of word problems.
///
/// Every operation gives nil where its result does not fit, so that nothing is ever rounded silently. Models' arithmetic,
/// which may be of any size, is `StoaVerify`'s; tests compare the two.
public struct Fraction: Sendable, Hashable {
    /// Above the line, with the sign.
    public let numerator: Int128
    /// Below the line; positive.
    public let denominator: Int128

    /// A whole number.
    ///
    /// - Parameter integer: the number.
    public init(_ integer: Int) {
        numerator = Int128(integer)
        denominator = 1
    }

    /// A fraction; nil for a denominator of zero, and at the edge of 128 bits.
    ///
    /// - Parameters:
    ///   - numerator: above the line.
    ///   - denominator: below the line.
    public init?(_ numerator: Int128, over denominator: Int128) {
        guard denominator != 0, numerator != .min, denominator != .min else { return nil }
        let divisor = Self.greatestDivisor(abs(numerator), abs(denominator))
        let sign: Int128 = denominator < 0 ? -1 : 1
        self.numerator = sign * numerator / divisor
        self.denominator = sign * denominator / divisor
    }

    /// Reads a decimal such as `12`, `-0.125`, `.5` or `1,250.75`; nil for anything else.
    ///
    /// - Parameter text: the digits, with a sign, a point and commas between groups of three where there are any.
    public init?(_ text: some StringProtocol) {
        var digits = Array(text.utf8)
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        var (above, below): (Int128, Int128) = (0, 1)
        var (seen, isBehindPoint) = (0, false)
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                seen += 1
                guard seen <= 30 else { return nil }
                above = above * 10 + Int128(digit - UInt8(ascii: "0"))
                if isBehindPoint { below *= 10 }
            case UInt8(ascii: ".") where !isBehindPoint: isBehindPoint = true
            case UInt8(ascii: ",") where seen > 0 && !isBehindPoint: continue
            default: return nil
            }
        }
        guard seen > 0, digits.last != UInt8(ascii: ",") else { return nil }
        self.init(isNegative ? -above : above, over: below)
    }

    private static func greatestDivisor(_ first: Int128, _ second: Int128) -> Int128 {
        var (left, right) = (first, second)
        while right != 0 { (left, right) = (right, left % right) }
        return max(left, 1)
    }

    /// Whether there is nothing below the line.
    public var isInteger: Bool { denominator == 1 }
    /// Whether it is more than zero.
    public var isPositive: Bool { numerator > 0 }
    /// The nearest number of double precision.
    public var doubleValue: Double { Double(numerator) / Double(denominator) }
}

extension Fraction {
    /// The sum; nil where it does not fit.
    func adding(_ other: Fraction) -> Fraction? {
        guard let left = Self.product(numerator, other.denominator),
            let right = Self.product(other.numerator, denominator),
            let below = Self.product(denominator, other.denominator)
        else { return nil }
        let (above, overflow) = left.addingReportingOverflow(right)
        return overflow ? nil : Fraction(above, over: below)
    }

    /// The number with the other sign.
    var negated: Fraction? { Fraction(-numerator, over: denominator) }

    /// The difference; nil where it does not fit.
    func subtracting(_ other: Fraction) -> Fraction? { other.negated.flatMap { adding($0) } }

    /// The product; nil where it does not fit.
    func multiplied(by other: Fraction) -> Fraction? {
        // Reducing across first keeps products of decimals with many digits within bounds.
        guard let first = Fraction(numerator, over: other.denominator),
            let second = Fraction(other.numerator, over: denominator),
            let above = Self.product(first.numerator, second.numerator),
            let below = Self.product(first.denominator, second.denominator)
        else { return nil }
        return Fraction(above, over: below)
    }

    /// The quotient; nil for a division by zero, or where it does not fit.
    func divided(by other: Fraction) -> Fraction? {
        Fraction(other.denominator, over: other.numerator).flatMap { multiplied(by: $0) }
    }

    private static func product(_ first: Int128, _ second: Int128) -> Int128? {
        let (product, overflow) = first.multipliedReportingOverflow(by: second)
        return overflow ? nil : product
    }
}

extension Fraction: Comparable {
    /// Whether the first is the smaller one; numbers whose comparison would not fit are compared as doubles.
    public static func < (first: Fraction, second: Fraction) -> Bool {
        guard let left = product(first.numerator, second.denominator),
            let right = product(second.numerator, first.denominator)
        else { return first.doubleValue < second.doubleValue }
        return left < right
    }
}

extension Fraction: CustomStringConvertible {
    /// The digits where they end within ten places, otherwise rounded to ten.
    public var description: String { decimal(places: 10) }

    /// The number in digits.
    ///
    /// - Parameters:
    ///   - places: the most digits behind the point; what is beyond is rounded, halves away from zero.
    ///   - least: the fewest digits behind the point, where there is a point at all.
    /// - Returns: the digits, without zeros at the end but those that `least` asks for.
    public func decimal(places: Int, least: Int = 0) -> String {
        let above = numerator.magnitude
        let below = denominator.magnitude
        var whole = above / below
        var rest = above % below
        var digits: [UInt8] = []
        while rest != 0, digits.count < places {
            let (scaled, overflow) = rest.multipliedReportingOverflow(by: 10)
            guard !overflow else { break }
            digits.append(UInt8(scaled / below))
            rest = scaled % below
        }
        if rest >= below - rest, rest != 0 { whole = Self.roundUp(&digits, whole) }
        while digits.last == 0 { digits.removeLast() }
        while !digits.isEmpty, digits.count < least { digits.append(0) }
        let sign = numerator < 0 && (whole != 0 || !digits.isEmpty) ? "-" : ""
        return "\(sign)\(whole)" + (digits.isEmpty ? "" : "." + digits.map(String.init).joined())
    }

    private static func roundUp(_ digits: inout [UInt8], _ whole: UInt128) -> UInt128 {
        var index = digits.count - 1
        while index >= 0, digits[index] == 9 {
            digits[index] = 0
            index -= 1
        }
        if index < 0 { return whole + 1 }
        digits[index] += 1
        return whole
    }
}
