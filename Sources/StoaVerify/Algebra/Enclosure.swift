internal import BigInt

/// An interval that is known to hold a real number: its bounds are whole multiples of 2^-bits.
///
/// Every operation rounds outwards, by a unit more than it would have to.
struct Enclosure {
    let low: BigInt
    let high: BigInt
    let bits: Int

    /// -1 or 1 where every number of the interval has that sign; nil otherwise.
    var sign: Int? {
        if low > 0 { return 1 }
        return high < 0 ? -1 : nil
    }

    init(low: BigInt, high: BigInt, bits: Int) {
        (self.low, self.high, self.bits) = (low, high, bits)
    }

    /// A rational number.
    init(_ value: Rational, bits: Int) {
        let quotient = (value.numerator << bits) / value.denominator
        self.init(low: quotient - 1, high: quotient + 1, bits: bits)
    }

    /// A value with guard bits that is off by less than 2^guardBits units.
    private init(_ value: BigInt, guardBits: Int, bits: Int) {
        let rounded = value >> guardBits
        self.init(low: rounded - 2, high: rounded + 2, bits: bits)
    }

    static func + (left: Enclosure, right: Enclosure) -> Enclosure {
        Enclosure(low: left.low + right.low, high: left.high + right.high, bits: left.bits)
    }

    static func * (left: Enclosure, right: Enclosure) -> Enclosure {
        let products = [left.low * right.low, left.low * right.high, left.high * right.low, left.high * right.high]
        let (least, most) = (products.min() ?? 0, products.max() ?? 0)
        return Enclosure(low: (least >> left.bits) - 1, high: (most >> left.bits) + 1, bits: left.bits)
    }

    /// One by the number; nil where the interval holds zero.
    var reciprocal: Enclosure? {
        guard sign != nil else { return nil }
        let one = BigInt(1) << (2 * bits)
        return Enclosure(low: one / high - 1, high: one / low + 1, bits: bits)
    }

    /// The n-th root of a number that is not negative; nil for one that may be.
    func root(_ degree: Int) -> Enclosure? {
        guard low >= 0 else { return nil }
        let shift = bits * (degree - 1)
        let (least, most) = (
            (low.magnitude << shift).root(degree), (high.magnitude << shift).root(degree)
        )
        return Enclosure(low: BigInt(least) - 1, high: BigInt(most) + 1, bits: bits)
    }

    /// A whole power.
    func power(_ exponent: Int) -> Enclosure? {
        var (result, square, rest) = (Enclosure(1, bits: bits), self, abs(exponent))
        guard rest <= 4096 else { return nil }
        while rest > 0 {
            if rest & 1 == 1 { result = result * square }
            square = square * square
            rest >>= 1
        }
        return exponent < 0 ? result.reciprocal : result
    }

    // MARK: - Constants

    private static let guardBits = 32

    /// Pi, by Machin's formula.
    static func pi(bits: Int) -> Enclosure {
        let fine = bits + guardBits
        let value = 16 * arcus(5, sign: -1, bits: fine) - 4 * arcus(239, sign: -1, bits: fine)
        return Enclosure(value, guardBits: guardBits, bits: bits)
    }

    /// The base of the natural logarithm, as the sum of the reciprocals of the factorials.
    static func euler(bits: Int) -> Enclosure {
        var term = BigInt(1) << (bits + guardBits)
        var (sum, index) = (term, BigInt(1))
        while !term.isZero {
            term /= index
            sum += term
            index += 1
        }
        return Enclosure(sum, guardBits: guardBits, bits: bits)
    }

    /// The natural logarithm of a whole number above zero.
    static func logarithm(of number: BigInt, bits: Int) -> Enclosure {
        let fine = bits + guardBits
        let scale = number.magnitude.bitWidth - 1
        // ln n = k ln 2 + 2 artanh((m - 1) / (m + 1)) with m = n / 2^k below 2.
        let whole = BigInt(1) << scale
        var power = ((number - whole) << fine) / (number + whole)
        let square = (power * power) >> fine
        var (sum, index) = (BigInt(0), BigInt(1))
        while !power.isZero {
            sum += power / index
            power = (power * square) >> fine
            index += 2
        }
        let two = 2 * arcus(3, sign: 1, bits: fine)
        // The terms' roundings stay far below the guard, for numbers of any length.
        return Enclosure(2 * sum + BigInt(scale) * two, guardBits: guardBits, bits: bits)
    }

    /// The cosine of a part of pi.
    static func cosine(ofPi part: Rational, bits: Int) -> Enclosure {
        let angle = pi(bits: bits) * Enclosure(part, bits: bits)
        let square = angle * angle
        var (term, sum, index) = (Enclosure(1, bits: bits), Enclosure(1, bits: bits), 1)
        // Behind the first vanishing term, the rest is smaller than twice its bound.
        while term.high.magnitude > 4 || term.low.magnitude > 4 {
            guard let factor = Rational(-1, over: BigInt(index * (index + 1))) else { break }
            term = term * square * Enclosure(factor, bits: bits)
            sum = sum + term
            index += 2
        }
        return Enclosure(low: sum.low - 16, high: sum.high + 16, bits: bits)
    }

    /// artanh or arctan of 1/n.
    private static func arcus(_ number: Int, sign: Int, bits: Int) -> BigInt {
        let square = BigInt(number * number)
        var power = (BigInt(1) << bits) / BigInt(number)
        var (sum, index, factor) = (BigInt(0), 1, 1)
        while !power.isZero {
            sum += BigInt(factor) * (power / BigInt(index))
            power /= square
            index += 2
            factor *= sign
        }
        return sum
    }
}

extension BigUInt {
    /// The integer part of the n-th root.
    func root(_ degree: Int) -> BigUInt {
        guard degree > 1, self > 1 else { return self }
        if degree == 2 { return squareRoot() }
        // Newton's steps from above the root go down until they are there.
        var guess = BigUInt(1) << ((bitWidth + degree - 1) / degree + 1)
        while true {
            let next = (BigUInt(degree - 1) * guess + self / guess.power(degree - 1)) / BigUInt(degree)
            if next >= guess { return guess }
            guess = next
        }
    }
}
