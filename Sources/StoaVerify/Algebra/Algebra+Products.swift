internal import BigInt

extension Algebra {
    /// A product of monomials: a term, and radicands that have come out of their roots.
    private struct Product {
        var monomial: Monomial = []
        var coefficient: Rational = 1
        var carries: [(radicand: Polynomial, count: Int)] = []
    }

    mutating func multiply(_ left: Polynomial, _ right: Polynomial) throws(AlgebraError) -> Polynomial {
        if let factor = left.constant { return try scale(right, by: factor) }
        if let factor = right.constant { return try scale(left, by: factor) }
        var result = Polynomial()
        for (first, one) in left.terms {
            for (second, other) in right.terms {
                let coefficient = one * other
                try check(coefficient)
                let product = try multiply(first, second)
                guard product.carries.isEmpty else {
                    var part = Polynomial(product.monomial, coefficient * product.coefficient)
                    for (radicand, count) in product.carries {
                        for _ in 0..<count { part = try multiply(part, radicand) }
                    }
                    result = result + part
                    continue
                }
                result.add(product.monomial, coefficient * product.coefficient)
            }
            guard result.terms.count <= AlgebraLimits.terms else { throw .limit }
        }
        return result
    }

    private mutating func scale(_ value: Polynomial, by factor: Rational) throws(AlgebraError) -> Polynomial {
        for coefficient in value.terms.values { try spend(1 + (coefficient.bitWidth + factor.bitWidth) / 128) }
        let result = value.scaled(by: factor)
        for coefficient in result.terms.values where coefficient.bitWidth > NumberLimits.bits { throw .limit }
        return result
    }

    private mutating func check(_ coefficient: Rational) throws(AlgebraError) {
        let bits = coefficient.bitWidth
        guard bits <= NumberLimits.bits else { throw .limit }
        try spend(1 + bits / 64)
    }

    private func multiply(_ left: Monomial, _ right: Monomial) throws(AlgebraError) -> Product {
        var result = Product()
        var (i, j) = (0, 0)
        result.monomial.reserveCapacity(left.count + right.count)
        while i < left.count || j < right.count {
            if j == right.count || (i < left.count && left[i].factor < right[j].factor) {
                result.monomial.append(left[i])
                i += 1
            } else if i == left.count || right[j].factor < left[i].factor {
                result.monomial.append(right[j])
                j += 1
            } else {
                try append(left[i].factor, left[i].exponent.plus(right[j].exponent), to: &result)
                (i, j) = (i + 1, j + 1)
            }
        }
        return result
    }

    /// A power of a factor at the end of a product, in its normal form.
    private func append(_ factor: Int, _ exponent: Exponent, to product: inout Product) throws(AlgebraError) {
        var exponent = exponent
        switch factors[factor] {
        case .prime(let prime):
            let whole = exponent.floor
            if whole != 0 {
                guard abs(whole) * prime.bitWidth <= NumberLimits.bits,
                    let power = Rational(prime).raised(to: whole)
                else { throw .limit }
                product.coefficient = product.coefficient * power
                exponent = try exponent.plus(Exponent(-whole))
            }
        case .imaginary:
            guard exponent.isWhole else { throw .limit }
            let turn = ((exponent.above % 4) + 4) % 4
            if turn >= 2 { product.coefficient = -product.coefficient }
            exponent = turn % 2 == 0 ? .zero : .one
        case .radicand(let radicand):
            let whole = exponent.floor
            // Powers in normal form lie between 0 and 1: their sums are not negative.
            precondition(whole >= 0, "a negative power of a radicand in a product")
            if whole > 0 {
                product.carries.append((radicand, whole))
                exponent = try exponent.plus(Exponent(-whole))
            }
        case .pi, .euler, .symbol, .function, .power: break
        }
        if !exponent.isZero { product.monomial.append(FactorPower(factor: factor, exponent: exponent)) }
    }

    /// A power of a factor: its normal form as a quotient.
    mutating func power(of factor: Int, _ exponent: Exponent) throws(AlgebraError) -> Quotient {
        if case .radicand(let radicand) = factors[factor], exponent.floor < 0 {
            let whole = exponent.floor
            let rest = try power(of: factor, exponent.plus(Exponent(-whole)))
            return try divide(rest, raise(Quotient(above: radicand), to: -whole))
        }
        var product = Product()
        try append(factor, exponent, to: &product)
        var result = Polynomial(product.monomial, product.coefficient)
        for (radicand, count) in product.carries {
            for _ in 0..<count { result = try multiply(result, radicand) }
        }
        return Quotient(above: result)
    }

    // MARK: - Quotients

    mutating func add(_ left: Quotient, _ right: Quotient) throws(AlgebraError) -> Quotient {
        if left.below == right.below { return try normal(left.above + right.above, left.below) }
        let above = try multiply(left.above, right.below) + multiply(right.above, left.below)
        return try normal(above, multiply(left.below, right.below))
    }

    mutating func subtract(_ left: Quotient, _ right: Quotient) throws(AlgebraError) -> Quotient {
        try add(left, -right)
    }

    mutating func multiply(_ left: Quotient, _ right: Quotient) throws(AlgebraError) -> Quotient {
        if left.below.isOne, right.below.isOne { return Quotient(above: try multiply(left.above, right.above)) }
        return try normal(multiply(left.above, right.above), multiply(left.below, right.below))
    }

    mutating func divide(_ left: Quotient, _ right: Quotient) throws(AlgebraError) -> Quotient {
        if let divisor = right.constant {
            guard let factor = Rational(1).divided(by: divisor) else { throw .undefined }
            return Quotient(above: try multiply(left.above, Polynomial(factor)), below: left.below)
        }
        return try normal(multiply(left.above, right.below), multiply(left.below, right.above))
    }

    /// A quotient with a divisor of several terms, or none.
    private mutating func normal(_ above: Polynomial, _ below: Polynomial) throws(AlgebraError) -> Quotient {
        guard !below.isOne else { return Quotient(above: above) }
        guard let single = below.single else {
            guard !below.isZero else { throw .undefined }
            if !isIndependent(below), isNumeric(below) {
                // Terms without any sum to zero, that is not known to be none.
                guard let sign = try sign(of: below), sign != 0 else { throw .undefined }
            }
            if above.isZero { return .zero }
            let ratio = above.leading.divided(by: below.leading) ?? 1
            if above.terms.count == below.terms.count, above == below.scaled(by: ratio) { return Quotient(ratio) }
            return try rationalised(above, below)
        }
        guard let factor = Rational(1).divided(by: single.coefficient) else { throw .undefined }
        var result = Quotient(above: try multiply(above, Polynomial(factor)))
        var divisor = Polynomial.one
        for power in single.monomial {
            let inverse = try self.power(of: power.factor, Exponent(-power.exponent.above, power.exponent.below))
            result.above = try multiply(result.above, inverse.above)
            divisor = try multiply(divisor, inverse.below)
        }
        return divisor.isOne ? result : try normal(result.above, divisor)
    }

    /// Takes square roots and the imaginary unit out of a numeric divisor.
    private mutating func rationalised(_ above: Polynomial, _ below: Polynomial) throws(AlgebraError) -> Quotient {
        // Others are compared as they stand.
        let powers = Set(below.terms.keys.joined())
        let areSquareRoots = powers.allSatisfy { power in
            switch factors[power.factor] {
            case .prime: power.exponent.below == 2
            case .imaginary: true
            default: false
            }
        }
        guard areSquareRoots, powers.count <= 5, let factor = powers.map(\.factor).max() else {
            return Quotient(above: above, below: below)
        }
        var conjugate = Polynomial()
        for (monomial, coefficient) in below.terms {
            conjugate.add(monomial, monomial.contains { $0.factor == factor } ? -coefficient : coefficient)
        }
        return try normal(multiply(above, conjugate), multiply(below, conjugate))
    }

    /// A power with a whole exponent.
    mutating func raise(_ base: Quotient, to exponent: Int) throws(AlgebraError) -> Quotient {
        guard exponent >= 0 else { return try divide(.one, raise(base, to: -exponent)) }
        guard exponent <= AlgebraLimits.exponent else { throw .limit }
        if let constant = base.constant {
            let bits = constant.isZero || constant.magnitude == 1 ? 0 : max(constant.bitWidth - 1, 1)
            guard bits * exponent <= NumberLimits.bits, let power = constant.raised(to: exponent) else { throw .limit }
            try spend(1 + bits * exponent / 64)
            return Quotient(power)
        }
        var (result, square, rest) = (Quotient.one, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = try multiply(result, square) }
            rest >>= 1
            if rest > 0 { square = try multiply(square, square) }
        }
        return result
    }

    // MARK: - Equality

    /// Whether two quotients are proved to be equal.
    mutating func areEqual(_ left: Quotient, _ right: Quotient) throws(AlgebraError) -> Bool {
        if left.below == right.below { return try isZero(left.above - right.above) }
        return try isZero(multiply(left.above, right.below) - multiply(right.above, left.below))
    }

    /// Whether a polynomial is proved to be zero; where it is not proved to be anything else either, a question is open.
    mutating func isZero(_ value: Polynomial) throws(AlgebraError) -> Bool {
        guard !value.isZero else { return true }
        // Sums of independent factors are zero only where nothing is left of them.
        guard !isIndependent(value) else { return false }
        let before = hasOpenQuestions
        if try isRootZero(value) {
            hasOpenQuestions = before
            return true
        }
        // What was open on the way is of no matter where the sign is certain.
        let sign = try sign(of: value)
        hasOpenQuestions = before || sign == nil
        return false
    }

    /// Whether a polynomial whose factors depend on each other is proved to be zero.
    ///
    /// A sum U + V√A is zero where U² - V²A is, and U - V√A is certainly not.
    private mutating func isRootZero(_ value: Polynomial) throws(AlgebraError) -> Bool {
        guard isNumeric(value) else { return false }
        let roots = value.terms.keys.joined().filter { power in
            if case .radicand = factors[power.factor] { return power.exponent.below == 2 }
            return false
        }
        guard let factor = roots.map(\.factor).max(), case .radicand(let radicand) = factors[factor] else {
            return false
        }
        var (rational, irrational) = (Polynomial(), Polynomial())
        for (monomial, coefficient) in value.terms {
            guard let power = monomial.first(where: { $0.factor == factor }) else {
                rational.add(monomial, coefficient)
                continue
            }
            guard power.exponent.below == 2 else { return false }
            irrational.add(monomial.filter { $0.factor != factor }, coefficient)
        }
        let norm = try multiply(rational, rational)
        guard try isZero(norm - multiply(radicand, multiply(irrational, irrational))) else { return false }
        let root = Polynomial([FactorPower(factor: factor, exponent: try Exponent(1, 2))])
        guard let sign = try sign(of: rational - multiply(irrational, root)) else { return false }
        return sign != 0
    }
}
