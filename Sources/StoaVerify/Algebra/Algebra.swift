internal import BigInt

/// Exact arithmetic of one comparison: it knows the factors of both sides' polynomials, and counts its work.
///
/// Two expressions are equal where cross-multiplied they are the same polynomial. That proves equality always, since every
/// rule used holds for the factors; it proves difference where the factors are independent, as the roots of primes are. A
/// third case, equal but not seen to be, counts as different.
///
/// Roots follow the reals: odd roots of negative numbers are negative, and variables under roots are taken to be such
/// that all roots exist. Factors have numbers in the order in which they turn up, on either side.
///
/// Determinism: a pure function of the expressions; no result depends on the order of a dictionary.
struct Algebra {
    /// What a factor is.
    enum Factor: Sendable {
        /// A prime under a root: its exponent lies between 0 and 1.
        case prime(BigInt)
        /// The imaginary unit.
        case imaginary
        case pi
        case euler
        case symbol(String)
        /// A sum under a root: its exponent lies between 0 and 1.
        case radicand(Polynomial)
        /// A function that has no simpler value.
        case function(String, [Quotient])
        /// A factor to the power of a monomial.
        case power(Int, Monomial)
    }

    private(set) var factors: [Factor] = []
    private var primes: [BigInt: Int] = [:]
    private var symbols: [String: Int] = [:]
    private(set) var steps = 0
    /// Whether something was taken to be different without being proved to be.
    var hasOpenQuestions = false

    // MARK: - Work

    /// Counts work.
    ///
    /// - Throws: `AlgebraError.limit` where all of it is used up.
    mutating func spend(_ count: Int) throws(AlgebraError) {
        steps += count
        guard steps <= AlgebraLimits.steps else { throw .limit }
    }

    // MARK: - Factors

    mutating func prime(_ value: BigInt) -> Int {
        if let known = primes[value] { return known }
        primes[value] = append(.prime(value))
        return factors.count - 1
    }

    mutating func symbol(_ name: String) -> Int {
        if let known = symbols[name] { return known }
        symbols[name] = append(.symbol(name))
        return factors.count - 1
    }

    mutating func imaginary() -> Int { constant("\\i", .imaginary) }
    mutating func pi() -> Int { constant("\\pi", .pi) }
    mutating func euler() -> Int { constant("\\e", .euler) }

    private mutating func constant(_ key: String, _ factor: Factor) -> Int {
        if let known = symbols[key] { return known }
        symbols[key] = append(factor)
        return factors.count - 1
    }

    mutating func radicand(_ value: Polynomial) -> Int {
        for (index, factor) in factors.enumerated() {
            if case .radicand(let known) = factor, known == value { return index }
        }
        return append(.radicand(value))
    }

    mutating func function(_ name: String, _ arguments: [Quotient]) throws(AlgebraError) -> Int {
        for (index, factor) in factors.enumerated() {
            guard case .function(name, let known) = factor, known.count == arguments.count else { continue }
            var isSame = true
            for (one, other) in zip(known, arguments) where isSame { isSame = try areEqual(one, other) }
            if isSame { return index }
        }
        return append(.function(name, arguments))
    }

    mutating func power(_ base: Int, _ exponent: Monomial) -> Int {
        for (index, factor) in factors.enumerated() {
            if case .power(base, exponent) = factor { return index }
        }
        return append(.power(base, exponent))
    }

    private mutating func append(_ factor: Factor) -> Int {
        factors.append(factor)
        return factors.count - 1
    }

    /// A factor as a quotient.
    func quotient(_ factor: Int) -> Quotient {
        Quotient(above: Polynomial([FactorPower(factor: factor, exponent: .one)]))
    }

    /// The square root of a whole number that is no square, as the tables of functions need it.
    mutating func squareRoot(of number: BigInt) throws(AlgebraError) -> Quotient {
        try root(Quotient(Rational(number)), degree: 2)
    }

    /// Whether a factor is a number.
    func isNumeric(_ factor: Int) -> Bool {
        switch factors[factor] {
        case .prime, .imaginary, .pi, .euler: true
        case .symbol: false
        case .radicand(let value): isNumeric(value)
        case .function(let name, let arguments): !name.hasPrefix("call ") && arguments.allSatisfy(isNumeric)
        case .power(let base, let exponent): isNumeric(base) && exponent.allSatisfy { isNumeric($0.factor) }
        }
    }

    func isNumeric(_ value: Polynomial) -> Bool {
        value.terms.keys.allSatisfy { $0.allSatisfy { isNumeric($0.factor) } }
    }

    func isNumeric(_ value: Quotient) -> Bool { isNumeric(value.above) && isNumeric(value.below) }

    /// Whether sums of such factors are zero only where they have no terms: roots of primes, the imaginary unit, pi and e.
    ///
    /// That pi and e are independent of each other nobody has proved; where they were not, no decision would be wrong.
    func isIndependent(_ value: Polynomial) -> Bool {
        value.terms.keys.allSatisfy { monomial in
            monomial.allSatisfy { power in
                switch factors[power.factor] {
                case .prime, .imaginary, .pi, .euler, .symbol: true
                case .radicand, .function, .power: false
                }
            }
        }
    }
}
