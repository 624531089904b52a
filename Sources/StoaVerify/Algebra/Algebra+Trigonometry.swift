internal import BigInt

extension Algebra {
    // MARK: - Angles

    /// The number r of an angle rπ; nil for other angles.
    func partOfPi(_ angle: Quotient) throws(AlgebraError) -> Rational? {
        guard angle.below.isOne else { return nil }
        if angle.above.isZero { return 0 }
        guard let single = angle.above.single, single.monomial.count == 1, single.monomial[0].exponent == .one,
            case .pi = factors[single.monomial[0].factor]
        else { return nil }
        return single.coefficient
    }

    mutating func cosine(_ angle: Quotient) throws(AlgebraError) -> Quotient {
        if let part = try partOfPi(angle) { return try cosine(ofPi: part) }
        let isTurned = angle.above.leading.isNegative
        return quotient(try function("cos", [isTurned ? -angle : angle]))
    }

    mutating func sine(_ angle: Quotient) throws(AlgebraError) -> Quotient {
        if let part = try partOfPi(angle) { return try sine(ofPi: part) }
        guard angle.above.leading.isNegative else { return quotient(try function("sin", [angle])) }
        return -quotient(try function("sin", [-angle]))
    }

    mutating func sine(ofPi part: Rational) throws(AlgebraError) -> Quotient {
        try cosine(ofPi: Rational(1, 2) - part)
    }

    /// The cosine of rπ, brought to the first quadrant.
    mutating func cosine(ofPi part: Rational) throws(AlgebraError) -> Quotient {
        let doubled = Rational(part.denominator * 2)
        // The numerator modulo two turns.
        var angle = Rational(part.numerator % doubled.numerator, over: part.denominator)?.magnitude ?? 0
        if angle > 1 { angle = 2 - angle }
        let isNegative = angle > Rational(1, 2)
        if isNegative { angle = 1 - angle }
        let value = try firstQuadrantCosine(angle)
        return isNegative ? -value : value
    }

    private mutating func firstQuadrantCosine(_ angle: Rational) throws(AlgebraError) -> Quotient {
        func fraction(_ value: Quotient, _ divisor: Int) throws(AlgebraError) -> Quotient {
            Quotient(above: value.above.scaled(by: Rational(1, divisor)), below: value.below)
        }
        switch (angle.numerator, angle.denominator) {
        case (0, 1): return .one
        case (1, 2): return .zero
        case (1, 3): return Quotient(Rational(1, 2))
        case (1, 4): return try fraction(squareRoot(of: 2), 2)
        case (1, 6): return try fraction(squareRoot(of: 3), 2)
        case (1, 12): return try fraction(add(squareRoot(of: 6), squareRoot(of: 2)), 4)
        case (5, 12): return try fraction(subtract(squareRoot(of: 6), squareRoot(of: 2)), 4)
        case (1, 5): return try fraction(add(squareRoot(of: 5), .one), 4)
        case (2, 5): return try fraction(subtract(squareRoot(of: 5), .one), 4)
        case (1, 10), (3, 10):
            // √(10 ± 2√5) / 4
            let inner = try multiply(Quotient(angle.numerator == 1 ? 2 : -2), squareRoot(of: 5))
            return try fraction(root(add(Quotient(10), inner), degree: 2), 4)
        case (1, 8), (3, 8):
            // √(2 ± √2) / 2
            let inner = try multiply(Quotient(angle.numerator == 1 ? 1 : -1), squareRoot(of: 2))
            return try fraction(root(add(Quotient(2), inner), degree: 2), 2)
        default:
            let pi = Polynomial([FactorPower(factor: pi(), exponent: .one)], angle)
            return quotient(try function("cos", [Quotient(above: pi)]))
        }
    }

    // MARK: - Functions by name

    /// The value of a trigonometric function; the others are quotients of sine and cosine.
    mutating func trigonometric(_ name: String, _ angle: Quotient) throws(AlgebraError) -> Quotient {
        switch name {
        case "sin": return try sine(angle)
        case "cos": return try cosine(angle)
        case "tan": return try divide(sine(angle), cosine(angle))
        case "cot": return try divide(cosine(angle), sine(angle))
        case "sec": return try divide(.one, cosine(angle))
        case "csc": return try divide(.one, sine(angle))
        default: return try inverse(name, angle)
        }
    }

    /// An inverse function: a part of pi where the value is one of the table.
    private mutating func inverse(_ name: String, _ value: Quotient) throws(AlgebraError) -> Quotient {
        guard isNumeric(value) else { return quotient(try function(name, [value])) }
        let parts = name == "arccos" ? 0...12 : -6...6
        for part in parts where name != "arctan" || abs(part) < 6 {
            let angle = Rational(part, 12)
            let candidate =
                switch name {
                case "arcsin": try sine(ofPi: angle)
                case "arccos": try cosine(ofPi: angle)
                default: try divide(sine(ofPi: angle), cosine(ofPi: angle))
                }
            if try areEqual(candidate, value) {
                return Quotient(above: Polynomial([FactorPower(factor: pi(), exponent: .one)], angle))
            }
        }
        let isTurned = name != "arccos" && value.above.leading.isNegative
        let result = quotient(try function(name, [isTurned ? -value : value]))
        return isTurned ? -result : result
    }
}
