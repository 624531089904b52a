internal import BigInt

extension Algebra {
    /// A root: of positive numbers the positive one, odd ones of negative numbers negative.
    ///
    /// - Throws: `AlgebraError.undefined` for even roots of negative numbers beyond square roots.
    mutating func root(_ value: Quotient, degree: Int) throws(AlgebraError) -> Quotient {
        guard degree >= 1, degree <= AlgebraLimits.rootDegree else { throw .limit }
        guard degree > 1, !value.above.isZero else { return value }
        try spend(4)
        guard !value.below.isOne else {
            if let single = value.above.single { return try root(ofTerm: single, degree: degree) }
            return try root(ofSum: value.above, degree: degree)
        }
        // √(P/Q) is √(P·Q^(n-1))/Q where Q has a sign, or the root is odd.
        var (above, below) = (value.above, value.below)
        if degree % 2 == 0 {
            guard isNumeric(below), let sign = try sign(of: below), sign != 0 else {
                return quotient(try function("root\(degree)", [value]))
            }
            if sign < 0 { (above, below) = (-above, -below) }
        }
        let raised = try raise(Quotient(above: below), to: degree - 1)
        return try divide(
            root(Quotient(above: multiply(above, raised.above)), degree: degree), Quotient(above: below))
    }

    // MARK: - Single terms

    private mutating func root(ofTerm term: (monomial: Monomial, coefficient: Rational), degree: Int)
        throws(AlgebraError) -> Quotient
    {
        let positive = Quotient(above: Polynomial(term.monomial, term.coefficient.magnitude))
        if term.coefficient.isNegative {
            if degree % 2 == 1 { return -(try root(positive, degree: degree)) }
            guard term.monomial.allSatisfy({ isNumeric($0.factor) }) else {
                return try root(ofSum: Polynomial(term.monomial, term.coefficient), degree: degree)
            }
            guard degree == 2, !isComplex(term.monomial) else {
                return try complexRoot(Polynomial(term.monomial, term.coefficient), degree: degree)
            }
            return try multiply(quotient(imaginary()), root(positive, degree: 2))
        }
        guard !isComplex(term.monomial) else {
            return try complexRoot(Polynomial(term.monomial, term.coefficient), degree: degree)
        }
        // Two factors of unknown sign have a root together that they may not have apart.
        let odd = term.monomial.filter { !isNonnegative($0.factor) && $0.exponent.above % 2 != 0 }
        guard degree % 2 == 1 || odd.count <= 1 else {
            return try root(ofSum: Polynomial(term.monomial, term.coefficient), degree: degree)
        }
        var result = try root(of: term.coefficient, degree: degree)
        for power in term.monomial {
            let exponent = try power.exponent.times(Exponent(1, degree))
            var factor = power.factor
            if degree % 2 == 0, !isNonnegative(factor), power.exponent.below % 2 != 0, power.exponent.above % 2 == 0,
                exponent.above % 2 != 0
            {
                // √x² is |x|.
                factor = try absolute(of: factor)
            }
            result = try multiply(result, self.power(of: factor, exponent))
        }
        return result
    }

    /// Whether the imaginary unit is in a term.
    private func isComplex(_ monomial: Monomial) -> Bool {
        monomial.contains { power in
            if case .imaginary = factors[power.factor] { return true }
            return false
        }
    }

    /// Whether a factor is known to have no negative value.
    private func isNonnegative(_ factor: Int) -> Bool {
        switch factors[factor] {
        case .prime, .pi, .euler, .radicand: true
        case .function(let name, _): name == "abs"
        case .power(let base, _): isNonnegative(base)
        case .imaginary, .symbol: false
        }
    }

    private mutating func absolute(of factor: Int) throws(AlgebraError) -> Int {
        try function("abs", [quotient(factor)])
    }

    /// The root of a positive rational number, as powers of primes.
    private mutating func root(of value: Rational, degree: Int) throws(AlgebraError) -> Quotient {
        guard value != 1 else { return .one }
        var result = Quotient.one
        for (number, sign) in [(value.numerator, 1), (value.denominator, -1)] where number != 1 {
            for (prime, count) in try factorise(number) {
                result = try multiply(result, power(of: self.prime(prime), Exponent(sign * count, degree)))
            }
        }
        return result
    }

    /// The primes of a positive number; what is left of a very large one after its small primes stands for one.
    ///
    /// Such a rest weakens nothing that is proved: it only may hide that two numbers are equal.
    mutating func factorise(_ number: BigInt) throws(AlgebraError) -> [(prime: BigInt, count: Int)] {
        guard number > 1 else { return [] }
        var result: [(BigInt, Int)] = []
        guard var rest = UInt64(exactly: number) else { return try factoriseLong(number) }
        var candidate: UInt64 = 2
        while candidate * candidate <= rest, candidate < 1 << 16 {
            var count = 0
            while rest % candidate == 0 {
                rest /= candidate
                count += 1
            }
            if count > 0 { result.append((BigInt(candidate), count)) }
            candidate += candidate == 2 ? 1 : 2
        }
        try spend(1 + Int(candidate) / 64)
        if rest > 1 {
            let root = BigUInt(rest).squareRoot()
            result.append(root * root == BigUInt(rest) ? (BigInt(root), 2) : (BigInt(rest), 1))
        }
        return result
    }

    private mutating func factoriseLong(_ number: BigInt) throws(AlgebraError) -> [(prime: BigInt, count: Int)] {
        guard number.bitWidth <= 1024 else { return [(number, 1)] }
        var (rest, result) = (number.magnitude, [(prime: BigInt, count: Int)]())
        for candidate in 2..<1000 {
            var count = 0
            while true {
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: BigUInt(candidate))
                guard remainder.isZero else { break }
                (rest, count) = (quotient, count + 1)
            }
            if count > 0 { result.append((BigInt(candidate), count)) }
        }
        try spend(1000 + number.bitWidth)
        guard rest > 1 else { return result }
        for degree in [6, 4, 3, 5, 2] {
            let root = rest.root(degree)
            if root.power(degree) == rest { return result + [(BigInt(root), degree)] }
        }
        return result + [(BigInt(rest), 1)]
    }

    // MARK: - Sums

    private mutating func root(ofSum value: Polynomial, degree: Int) throws(AlgebraError) -> Quotient {
        var value = value
        if isNumeric(value) {
            if value.terms.keys.contains(where: isComplex) {
                return try complexRoot(value, degree: degree)
            }
            if try isZero(value) { return .zero }
            switch try sign(of: value) {
            case .some(let sign) where sign < 0:
                guard degree % 2 == 0 else {
                    return -(try root(ofSum: -value, degree: degree))
                }
                guard degree == 2 else { throw .undefined }
                return try multiply(quotient(imaginary()), root(ofSum: -value, degree: degree))
            case .some: break
            case .none: return quotient(try function("root\(degree)", [Quotient(above: value)]))
            }
            if degree == 2, let simple = try denested(value) { return simple }
        }
        let content = value.content
        var outside = try root(of: content, degree: degree)
        value = value.scaled(by: Rational(1).divided(by: content) ?? 1)
        if degree % 2 == 1, value.leading.isNegative {
            (outside, value) = (-outside, -value)
        }
        let factor = radicand(value)
        return try multiply(outside, power(of: factor, Exponent(1, degree)))
    }

    /// √(a + b√c) as a sum of two roots, where a² - b²c is the square of a rational number.
    private mutating func denested(_ value: Polynomial) throws(AlgebraError) -> Quotient? {
        guard value.terms.count == 2, let whole = value.terms[[]], !whole.isNegative,
            let surd = value.terms.first(where: { !$0.key.isEmpty })
        else { return nil }
        let square = try multiply(Polynomial(surd.key, surd.value), Polynomial(surd.key, surd.value))
        guard let under = square.constant, let root = (whole * whole - under).exactSquareRoot else { return nil }
        let half = Rational(1, 2)
        let first = try self.root(Quotient((whole + root) * half), degree: 2)
        let second = try self.root(Quotient((whole - root) * half), degree: 2)
        return try surd.value.isNegative ? subtract(first, second) : add(first, second)
    }

    /// The principal square root of a + bi, where the modulus is rational.
    private mutating func complexRoot(_ value: Polynomial, degree: Int) throws(AlgebraError) -> Quotient {
        let (real, imaginary) = split(value)
        guard degree == 2, let real = real.constant, let imaginary = imaginary.constant,
            let modulus = (real * real + imaginary * imaginary).exactSquareRoot
        else { return quotient(try function("root\(degree)", [Quotient(above: value)])) }
        let half = Rational(1, 2)
        let first = try root(Quotient((modulus + real) * half), degree: 2)
        let second = try root(Quotient((modulus - real) * half), degree: 2)
        let turned = try multiply(quotient(self.imaginary()), second)
        return try imaginary.isNegative ? subtract(first, turned) : add(first, turned)
    }

    /// The parts without and with the imaginary unit.
    func split(_ value: Polynomial) -> (real: Polynomial, imaginary: Polynomial) {
        var (real, imaginary) = (Polynomial(), Polynomial())
        for (monomial, coefficient) in value.terms {
            if isComplex(monomial) {
                let rest = monomial.filter { power in
                    if case .imaginary = factors[power.factor] { return false }
                    return true
                }
                imaginary.add(rest, coefficient)
            } else {
                real.add(monomial, coefficient)
            }
        }
        return (real, imaginary)
    }
}

extension Rational {
    /// The square root, where it is rational.
    var exactSquareRoot: Rational? {
        guard !isNegative else { return nil }
        let (above, below) = (numerator.magnitude.squareRoot(), denominator.magnitude.squareRoot())
        guard above * above == numerator.magnitude, below * below == denominator.magnitude else { return nil }
        return Rational(BigInt(above), over: BigInt(below))
    }

    /// A fraction of two integers that the program knows.
    init(_ above: Int, _ below: Int) {
        self = Rational(BigInt(above), over: BigInt(below)) ?? Rational(BigInt(above))
    }
}
