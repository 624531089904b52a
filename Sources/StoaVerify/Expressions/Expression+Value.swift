internal import BigInt

extension Expression {
    /// What an expression comes to.
    package struct Value: Sendable, Hashable {
        /// The number: exact, or close to it.
        package var number: Rational
        /// Whether it is the number itself; roots that do not come out even are not.
        package var isExact: Bool
    }

    /// Significant digits of a root that does not come out even.
    private static let rootDigits = 40

    /// Computes the value.
    ///
    /// - Returns: the value; exact unless a root did not come out even.
    /// - Throws: `ExpressionError` for divisions by zero and the like, and where a bound is passed.
    package func value() throws(ExpressionError) -> Value { try value(of: root) }

    private func value(of node: Node) throws(ExpressionError) -> Value {
        switch node {
        case .number(let number): return Value(number: number, isExact: true)
        case .negated(let inner):
            let value = try value(of: inner)
            return Value(number: -value.number, isExact: value.isExact)
        case .percent(let inner):
            let value = try value(of: inner)
            return Value(number: value.number * .powerOfTen(-2), isExact: value.isExact)
        case .squareRoot(let inner, let offset): return try squareRoot(of: value(of: inner), at: offset)
        case .binary(let kind, let left, let right, let offset):
            let (left, right) = (try value(of: left), try value(of: right))
            let number = try combine(kind, left.number, right, at: offset)
            guard number.bitWidth <= NumberLimits.bits else { throw tooLarge(offset) }
            return Value(number: number, isExact: left.isExact && right.isExact)
        }
    }

    private func combine(
        _ kind: Operator, _ left: Rational, _ right: Value, at offset: Int
    ) throws(ExpressionError) -> Rational {
        switch kind {
        case .sum: return left + right.number
        case .difference: return left - right.number
        case .product: return left * right.number
        case .quotient:
            guard let quotient = left.divided(by: right.number) else {
                throw failure(.undefined, offset, "division by zero")
            }
            return quotient
        case .power: return try power(left, right, at: offset)
        }
    }

    private func power(_ base: Rational, _ exponent: Value, at offset: Int) throws(ExpressionError) -> Rational {
        guard exponent.number.isInteger, exponent.isExact else {
            throw failure(.undefined, offset, "expected a whole number as exponent, found \(exponent.number.brief)")
        }
        // Of a power of anything but -1, 0 and 1 the exponent bounds the size.
        let bits = base.isZero || base.magnitude == 1 ? 0 : max(base.bitWidth - 1, 1)
        guard let count = Int(exactly: exponent.number.numerator),
            !abs(exponent.number.numerator).multipliedExceeds(bits)
        else {
            // Even so the parity of a huge exponent would do, but nobody needs it.
            throw tooLarge(offset)
        }
        guard let power = base.raised(to: count) else {
            throw failure(.undefined, offset, "zero to a negative power")
        }
        return power
    }

    private func squareRoot(of value: Value, at offset: Int) throws(ExpressionError) -> Value {
        let number = value.number
        guard !number.isNegative else {
            throw failure(.undefined, offset, "the square root of a negative number, \(number.brief)")
        }
        let (above, below) = (number.numerator.magnitude, number.denominator.magnitude)
        let roots = (above.squareRoot(), below.squareRoot())
        if roots.0 * roots.0 == above, roots.1 * roots.1 == below,
            let root = Rational(BigInt(roots.0), over: BigInt(roots.1))
        {
            return Value(number: root, isExact: value.isExact)
        }
        // √(a/b) = √(ab)/b; scaled so that the integer root has the digits.
        let product = above * below
        let missing = max(0, Self.rootDigits - String(product).count / 2)
        let scaled = (product * BigUInt(10).power(2 * missing)).squareRoot()
        guard let root = Rational(BigInt(scaled), over: BigInt(below * BigUInt(10).power(missing))) else {
            throw failure(.undefined, offset, "division by zero")
        }
        return Value(number: root, isExact: false)
    }

    private func tooLarge(_ offset: Int) -> ExpressionError {
        failure(.limit, offset, "the result has more than \(NumberLimits.bits) bits")
    }

    private func failure(_ code: ExpressionError.Code, _ offset: Int, _ reason: String) -> ExpressionError {
        ExpressionError(code, in: source, at: offset, reason)
    }
}

extension Rational {
    /// The number for a message: exact where that is short, otherwise rounded.
    package var brief: String {
        if let text = exactDecimal(places: 12), text.utf8.count <= 40 { return text }
        if bitWidth <= 64 { return description }
        return "about \(decimal(significant: 15))"
    }
}

extension BigInt {
    /// Whether this many bits, so many times, are more than is computed with.
    fileprivate func multipliedExceeds(_ bits: Int) -> Bool {
        // An exponent of a base without size is bounded all the same, to keep loops short.
        self * BigInt(Swift.max(bits, 0)) > BigInt(NumberLimits.bits) || self > BigInt(1_000_000)
    }
}
