/// The exponent of a factor: a small fraction in lowest terms.
struct Exponent: Hashable, Sendable {
    let above: Int
    let below: Int

    static let zero = Exponent(whole: 0)
    static let one = Exponent(whole: 1)

    private init(whole: Int) { (above, below) = (whole, 1) }

    /// A fraction.
    ///
    /// - Parameters:
    ///   - above: its numerator.
    ///   - below: its denominator, not zero.
    /// - Throws: `AlgebraError.limit` where it is too large to be worked with.
    init(_ above: Int, _ below: Int = 1) throws(AlgebraError) {
        guard below != 1 else {
            guard abs(above) <= AlgebraLimits.exponent else { throw .limit }
            (self.above, self.below) = (above, 1)
            return
        }
        let divisor = Self.commonDivisor(abs(above), abs(below))
        let sign = below < 0 ? -1 : 1
        (self.above, self.below) = (sign * above / divisor, abs(below) / divisor)
        guard abs(self.above) <= AlgebraLimits.exponent, self.below <= AlgebraLimits.rootDegree else { throw .limit }
    }

    /// A rational number as an exponent.
    ///
    /// - Throws: `AlgebraError.limit` where it is too large.
    init(_ value: Rational) throws(AlgebraError) {
        guard let above = Int(exactly: value.numerator), let below = Int(exactly: value.denominator),
            abs(above) <= 1 << 30, below <= 1 << 30
        else { throw .limit }
        try self.init(above, below)
    }

    var isZero: Bool { above == 0 }
    var isWhole: Bool { below == 1 }
    /// The largest integer that is not above it.
    var floor: Int { above >= 0 ? above / below : -((-above + below - 1) / below) }
    var value: Rational { Rational(above, below) }

    func plus(_ other: Exponent) throws(AlgebraError) -> Exponent {
        if below == 1, other.below == 1 { return try Exponent(above + other.above) }
        return try Exponent(above * other.below + other.above * below, below * other.below)
    }

    func times(_ other: Exponent) throws(AlgebraError) -> Exponent {
        try Exponent(above * other.above, below * other.below)
    }

    private static func commonDivisor(_ first: Int, _ second: Int) -> Int {
        var (a, b) = (first, second)
        while b != 0 { (a, b) = (b, a % b) }
        return max(a, 1)
    }
}
