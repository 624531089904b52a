internal import BigInt

extension Algebra {
    /// A factorial.
    mutating func factorial(_ value: Quotient) throws(AlgebraError) -> Quotient {
        guard let number = value.constant else { return quotient(try function("factorial", [value])) }
        guard number.isInteger, !number.isNegative else { throw .undefined }
        guard let count = Int(exactly: number.numerator), count <= AlgebraLimits.factorial else {
            // Too large to be written out, and equal to itself all the same.
            return quotient(try function("factorial", [value]))
        }
        try spend(1 + count)
        return Quotient(Rational((0..<count).reduce(BigInt(1)) { $0 * BigInt($1 + 1) }))
    }

    /// A binomial coefficient.
    mutating func binomial(_ above: Quotient, _ below: Quotient) throws(AlgebraError) -> Quotient {
        guard let all = above.constant, let part = below.constant else {
            return quotient(try function("binomial", [above, below]))
        }
        guard all.isInteger, part.isInteger, !all.isNegative else { throw .undefined }
        guard !part.isNegative, part <= all else { return .zero }
        let rest = all - part
        let shorter = rest < part ? rest : part
        guard let count = Int(exactly: shorter.numerator), count <= AlgebraLimits.factorial,
            all.bitWidth * max(count, 1) <= 8 * NumberLimits.bits
        else { throw .limit }
        try spend(1 + count * (1 + all.bitWidth / 64))
        var result = BigInt(1)
        for index in 0..<count { result = result * (all.numerator - BigInt(index)) / BigInt(index + 1) }
        let value = Rational(result)
        guard value.bitWidth <= NumberLimits.bits else { throw .limit }
        return Quotient(value)
    }

    /// The absolute value; of complex numbers the modulus.
    mutating func absolute(_ value: Quotient) throws(AlgebraError) -> Quotient {
        guard isNumeric(value) else {
            return quotient(try function("abs", [value.above.leading.isNegative ? -value : value]))
        }
        if try isZero(value.above) { return .zero }
        let (real, imaginary) = split(value.above)
        if value.below.isOne, !imaginary.isZero {
            let square = try multiply(real, real) + multiply(imaginary, imaginary)
            return try root(Quotient(above: square), degree: 2)
        }
        guard let sign = try sign(of: value) else { return quotient(try function("abs", [value])) }
        return sign < 0 ? -value : value
    }

    /// The integer below, or above where `isUp`.
    mutating func rounded(_ value: Quotient, isUp: Bool) throws(AlgebraError) -> Quotient {
        guard let number = value.constant else {
            return quotient(try function(isUp ? "ceil" : "floor", [value]))
        }
        var (quotient, rest) = number.numerator.quotientAndRemainder(dividingBy: number.denominator)
        if rest.sign == .minus, !rest.isZero { quotient -= 1 }
        if isUp, !rest.isZero { quotient += 1 }
        rest = 0
        return Quotient(Rational(quotient))
    }
}
