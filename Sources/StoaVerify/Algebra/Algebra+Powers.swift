internal import BigInt

extension Algebra {
    /// A power with any exponent.
    ///
    /// Powers of sums with exponents that are no numbers have no simpler form: they are equal only to themselves.
    mutating func power(_ base: Quotient, _ exponent: Quotient) throws(AlgebraError) -> Quotient {
        try spend(4)
        if let number = exponent.constant {
            guard let above = Int(exactly: number.numerator), let below = Int(exactly: number.denominator),
                above.magnitude <= 1 << 30
            else {
                // A power that no bound admits, but for those of 0 and 1.
                guard base.constant == 1 || (base.constant == 0 && !number.isNegative) else { throw .limit }
                return base
            }
            if below == 1 {
                guard !(base.above.isZero && above <= 0) else { throw .undefined }
                return try raise(base, to: above)
            }
            return try broken(base, above, below)
        }
        guard !base.above.isZero else { throw .undefined }
        if base.constant == 1 { return .one }
        guard exponent.below.isOne, let single = base.above.single, base.below.isOne,
            !single.coefficient.isNegative, single.monomial.count(where: { !isPositive($0.factor) }) <= 1
        else { return try unsimplified(base, exponent) }
        return try symbolic(single, exponent.above, of: (base, exponent))
    }

    /// A power that is a factor by itself, but for the whole number in its exponent.
    private mutating func unsimplified(_ base: Quotient, _ exponent: Quotient) throws(AlgebraError) -> Quotient {
        guard exponent.below.isOne, let constant = exponent.above.terms[[]], constant.isInteger,
            let whole = Int(exactly: constant.numerator), abs(whole) <= 16
        else { return quotient(try function("power", [base, exponent])) }
        let rest = Quotient(above: exponent.above - Polynomial(constant))
        return try multiply(raise(base, to: whole), quotient(function("power", [base, rest])))
    }

    /// A power with a broken exponent.
    private mutating func broken(_ base: Quotient, _ above: Int, _ below: Int) throws(AlgebraError) -> Quotient {
        guard below <= AlgebraLimits.rootDegree, abs(above) <= AlgebraLimits.exponent else { throw .limit }
        if base.above.isZero {
            guard above > 0 else { throw .undefined }
            return .zero
        }
        if below > 2, isNumeric(base) {
            // The cube root of -8 is -2, but (-8)^(1/3) is a complex number to some: nothing is said about it.
            guard let sign = try sign(of: base), sign > 0 else {
                return quotient(try function("power", [base, Quotient(Rational(above, below))]))
            }
        }
        return try raise(root(base, degree: below), to: above)
    }

    private func isPositive(_ factor: Int) -> Bool {
        switch factors[factor] {
        case .prime, .pi, .euler: true
        default: false
        }
    }

    /// A power of a single term: the exponent's terms become factors of their own.
    private mutating func symbolic(
        _ base: (monomial: Monomial, coefficient: Rational), _ exponent: Polynomial,
        of whole: (base: Quotient, exponent: Quotient)
    ) throws(AlgebraError) -> Quotient {
        var bases: [(factor: Int, exponent: Exponent)] = base.monomial.map { ($0.factor, $0.exponent) }
        for (number, sign) in [(base.coefficient.numerator, 1), (base.coefficient.denominator, -1)] where number != 1 {
            for (prime, count) in try factorise(number) {
                bases.append((self.prime(prime), try Exponent(sign * count)))
            }
        }
        // Powers of roots of a symbol would lose the symbol's sign.
        guard bases.allSatisfy({ isPositive($0.factor) || $0.exponent == .one }) else {
            return try unsimplified(whole.base, whole.exponent)
        }
        var result = Quotient.one
        for (monomial, coefficient) in exponent.ordered {
            for (factor, inner) in bases {
                let scaled = coefficient * inner.value
                let part = try power(of: factor, monomial, scaled)
                result = try multiply(result, part)
            }
        }
        return result
    }

    /// A factor to the power of one term.
    private mutating func power(of factor: Int, _ monomial: Monomial, _ coefficient: Rational)
        throws(AlgebraError) -> Quotient
    {
        if monomial.isEmpty { return try power(of: factor, Exponent(coefficient)) }
        if case .euler = factors[factor] {
            // e^(k ln p) is p^k.
            if monomial.count == 1, monomial[0].exponent == .one,
                case .function("ln", let arguments) = factors[monomial[0].factor], let argument = arguments.first
            {
                return try power(argument, Quotient(coefficient))
            }
            if let turn = eulerTurn(monomial) {
                // e^(iπr) lies on the unit circle.
                let (cosine, sine) = (
                    try self.cosine(ofPi: turn * coefficient), try self.sine(ofPi: turn * coefficient)
                )
                return try add(cosine, multiply(quotient(imaginary()), sine))
            }
        }
        return try power(of: power(factor, monomial), Exponent(coefficient))
    }

    /// 1 for the monomial iπ; nil for any other.
    private func eulerTurn(_ monomial: Monomial) -> Rational? {
        guard monomial.count == 2, monomial.allSatisfy({ $0.exponent == .one }) else { return nil }
        var (hasPi, hasUnit) = (false, false)
        for power in monomial {
            switch factors[power.factor] {
            case .pi: hasPi = true
            case .imaginary: hasUnit = true
            default: break
            }
        }
        return hasPi && hasUnit ? 1 : nil
    }

    // MARK: - Logarithms

    /// A natural logarithm: of products, the sum of those of their factors.
    mutating func logarithm(_ value: Quotient) throws(AlgebraError) -> Quotient {
        guard !value.above.isZero else { throw .undefined }
        guard value.below.isOne, let single = value.above.single, !single.coefficient.isNegative else {
            return quotient(try function("ln", [value]))
        }
        let unknown = single.monomial.filter { !isPositive($0.factor) && !isExponential($0.factor) }
        guard unknown.isEmpty || (unknown.count == 1 && unknown[0].exponent == .one) else {
            return quotient(try function("ln", [value]))
        }
        var result = Quotient.zero
        for (number, sign) in [(single.coefficient.numerator, 1), (single.coefficient.denominator, -1)]
        where number != 1 {
            for (prime, count) in try factorise(number) {
                let logarithm = quotient(try function("ln", [Quotient(Rational(prime))]))
                result = try add(result, multiply(logarithm, Quotient(Rational(sign * count, 1))))
            }
        }
        for power in single.monomial {
            let exponent = Quotient(power.exponent.value)
            let logarithm: Quotient
            switch factors[power.factor] {
            case .euler: logarithm = .one
            case .prime(let prime): logarithm = quotient(try function("ln", [Quotient(Rational(prime))]))
            case .power(_, let inner): logarithm = Quotient(above: Polynomial(inner))
            default: logarithm = quotient(try function("ln", [quotient(power.factor)]))
            }
            result = try add(result, multiply(exponent, logarithm))
        }
        return result
    }

    /// Whether a factor is a power of e without the imaginary unit, whose logarithm is its exponent.
    private func isExponential(_ factor: Int) -> Bool {
        guard case .power(let base, let exponent) = factors[factor], case .euler = factors[base] else { return false }
        return exponent.allSatisfy { power in
            if case .imaginary = factors[power.factor] { return false }
            return true
        }
    }

    /// A logarithm to a base.
    mutating func logarithm(_ value: Quotient, base: Quotient) throws(AlgebraError) -> Quotient {
        let below = try logarithm(base)
        return try divide(logarithm(value), below)
    }
}
