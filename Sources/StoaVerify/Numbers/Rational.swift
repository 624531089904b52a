package import BigInt

/// A fraction of integers of any size: exact, in lowest terms, the sign in the numerator.
package struct Rational: Sendable, Hashable {
    /// Above the line.
    package let numerator: BigInt
    /// Below the line; positive.
    package let denominator: BigInt

    /// A whole number.
    package init(_ integer: BigInt) {
        numerator = integer
        denominator = 1
    }

    /// A fraction; nil where the denominator is zero.
    package init?(_ numerator: BigInt, over denominator: BigInt) {
        guard !denominator.isZero else { return nil }
        self.init(numerator, overNonzero: denominator)
    }

    private init(_ numerator: BigInt, overNonzero denominator: BigInt) {
        let isNegative = denominator.sign == .minus
        let divisor = denominator == 1 ? 1 : numerator.greatestCommonDivisor(with: denominator)
        let (above, below) = divisor == 1 ? (numerator, denominator) : (numerator / divisor, denominator / divisor)
        self.numerator = isNegative ? -above : above
        self.denominator = isNegative ? -below : below
    }

    /// Whether there is nothing below the line.
    package var isInteger: Bool { denominator == 1 }
    /// Whether it is zero.
    package var isZero: Bool { numerator.isZero }
    /// Whether it is below zero.
    package var isNegative: Bool { numerator.sign == .minus && !numerator.isZero }
    /// Without its sign.
    package var magnitude: Rational { isNegative ? -self : self }
    /// The bits of the longer of the two integers: what bounds are put on.
    package var bitWidth: Int { max(numerator.magnitude.bitWidth, denominator.magnitude.bitWidth) }
}

extension Rational {
    package static prefix func - (value: Rational) -> Rational {
        Rational(-value.numerator, overNonzero: value.denominator)
    }

    package static func + (left: Rational, right: Rational) -> Rational {
        Rational(
            left.numerator * right.denominator + right.numerator * left.denominator,
            overNonzero: left.denominator * right.denominator)
    }

    package static func - (left: Rational, right: Rational) -> Rational { left + -right }

    package static func * (left: Rational, right: Rational) -> Rational {
        Rational(left.numerator * right.numerator, overNonzero: left.denominator * right.denominator)
    }

    /// The quotient; nil for a division by zero.
    package func divided(by divisor: Rational) -> Rational? {
        Rational(numerator * divisor.denominator, over: denominator * divisor.numerator)
    }

    /// An integer power; nil for zero to a negative power.
    ///
    /// Complexity: the result has about `bitWidth * |exponent|` bits; callers bound that before.
    package func raised(to exponent: Int) -> Rational? {
        let (above, below) = (numerator.power(exponent.magnitudeAsInt), denominator.power(exponent.magnitudeAsInt))
        return exponent >= 0 ? Rational(above, over: below) : Rational(below, over: above)
    }

    /// Ten to an integer power.
    package static func powerOfTen(_ exponent: Int) -> Rational {
        let power = BigInt(10).power(exponent.magnitudeAsInt)
        return exponent >= 0 ? Rational(power) : Rational(1, overNonzero: power)
    }
}

extension Rational: ExpressibleByIntegerLiteral {
    /// A whole number.
    package init(integerLiteral value: Int) { self.init(BigInt(value)) }
}

extension Rational: Comparable {
    package static func < (left: Rational, right: Rational) -> Bool {
        left.numerator * right.denominator < right.numerator * left.denominator
    }
}

extension Rational: CustomStringConvertible {
    /// `42`, or `-3/4`.
    package var description: String { isInteger ? "\(numerator)" : "\(numerator)/\(denominator)" }
}

extension Int {
    fileprivate var magnitudeAsInt: Int { Int(clamping: magnitude) }
}
