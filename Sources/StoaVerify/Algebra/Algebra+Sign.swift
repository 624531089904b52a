internal import BigInt

extension Algebra {
    /// The sign of a real number: proved, or nil where it is zero without being seen to be, complex, or no number.
    mutating func sign(of value: Polynomial) throws(AlgebraError) -> Int? {
        if let constant = value.constant { return constant.isZero ? 0 : constant.isNegative ? -1 : 1 }
        for bits in AlgebraLimits.signBits {
            guard let enclosure = try enclosure(of: value, bits: bits) else { return nil }
            if let sign = enclosure.sign { return sign }
        }
        return nil
    }

    mutating func sign(of value: Quotient) throws(AlgebraError) -> Int? {
        guard let above = try sign(of: value.above), let below = try sign(of: value.below), below != 0 else {
            return nil
        }
        return above * below
    }

    /// Whether one real number is smaller than another; nil where that is not known.
    mutating func order(_ left: Quotient, _ right: Quotient) throws(AlgebraError) -> Int? {
        try sign(of: subtract(left, right))
    }

    private mutating func enclosure(of value: Polynomial, bits: Int) throws(AlgebraError) -> Enclosure? {
        var sum = Enclosure(low: 0, high: 0, bits: bits)
        for (monomial, coefficient) in value.terms {
            try spend(1 + bits / 16)
            var term = Enclosure(coefficient, bits: bits)
            for power in monomial {
                guard let factor = try enclosure(of: power, bits: bits) else { return nil }
                term = term * factor
            }
            sum = sum + term
        }
        return sum
    }

    private mutating func enclosure(of power: FactorPower, bits: Int) throws(AlgebraError) -> Enclosure? {
        try spend(8 + bits / 8)
        let base: Enclosure?
        switch factors[power.factor] {
        case .prime(let prime): base = Enclosure(Rational(prime), bits: bits)
        case .pi: base = .pi(bits: bits)
        case .euler: base = .euler(bits: bits)
        case .radicand(let radicand): base = try enclosure(of: radicand, bits: bits)
        case .function("ln", let arguments):
            guard let number = arguments.first?.constant, number.isInteger, number > 0 else { return nil }
            base = .logarithm(of: number.numerator, bits: bits)
        case .function("cos", let arguments):
            guard let angle = arguments.first, let part = try partOfPi(angle), part.magnitude <= 2 else { return nil }
            base = .cosine(ofPi: part, bits: bits)
        case .imaginary, .symbol, .function, .power: return nil
        }
        guard let raised = base?.power(power.exponent.above) else { return nil }
        return power.exponent.below == 1 ? raised : raised.root(power.exponent.below)
    }
}
