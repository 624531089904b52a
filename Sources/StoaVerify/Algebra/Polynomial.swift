internal import BigInt

/// A factor of a term with its exponent; what the factor is, `Algebra` knows.
struct FactorPower: Hashable, Sendable {
    let factor: Int
    let exponent: Exponent
}

/// A product of powers, by ascending factor, without zero exponents.
typealias Monomial = [FactorPower]

/// A sum of terms: each a rational coefficient, never zero, times a monomial.
///
/// The factors are variables, constants and roots; exponents may be negative and broken. Its arithmetic is in `Algebra`,
/// which knows that a root to the power of its degree is its radicand.
struct Polynomial: Sendable {
    private(set) var terms: [Monomial: Rational] = [:]

    static let zero = Polynomial()
    static let one = Polynomial(1)

    /// Zero.
    init() {}

    /// A number.
    init(_ value: Rational) {
        if !value.isZero { terms[[]] = value }
    }

    /// One term.
    init(_ monomial: Monomial, _ coefficient: Rational = 1) {
        if !coefficient.isZero { terms[monomial] = coefficient }
    }

    var isZero: Bool { terms.isEmpty }
    /// Whether it is the number one.
    var isOne: Bool { constant == 1 }

    /// The number that it is; nil where it has factors.
    var constant: Rational? {
        if terms.isEmpty { return 0 }
        guard terms.count == 1 else { return nil }
        return terms[[]]
    }

    /// Its only term; nil where it has several or none.
    var single: (monomial: Monomial, coefficient: Rational)? {
        guard terms.count == 1, let term = terms.first else { return nil }
        return (term.key, term.value)
    }

    /// Adds a term.
    mutating func add(_ monomial: Monomial, _ coefficient: Rational) {
        guard let old = terms[monomial] else {
            if !coefficient.isZero { terms[monomial] = coefficient }
            return
        }
        let sum = old + coefficient
        terms[monomial] = sum.isZero ? nil : sum
    }

    /// The terms in the one order that everything depends on.
    var ordered: [(monomial: Monomial, coefficient: Rational)] {
        terms.map { ($0.key, $0.value) }.sorted { Self.precedes($0.0, $1.0) }
    }

    /// The coefficient of the first term; zero for none.
    var leading: Rational { terms.count < 2 ? terms.first?.value ?? 0 : ordered[0].coefficient }

    func scaled(by factor: Rational) -> Polynomial {
        guard factor != 1 else { return self }
        var result = Polynomial()
        if !factor.isZero { result.terms = terms.mapValues { $0 * factor } }
        return result
    }

    static prefix func - (value: Polynomial) -> Polynomial {
        var result = value
        result.terms = value.terms.mapValues { -$0 }
        return result
    }

    static func + (left: Polynomial, right: Polynomial) -> Polynomial {
        var (sum, other) = left.terms.count >= right.terms.count ? (left, right) : (right, left)
        for (monomial, coefficient) in other.terms { sum.add(monomial, coefficient) }
        other = .zero
        return sum
    }

    static func - (left: Polynomial, right: Polynomial) -> Polynomial { left + -right }

    /// Whether both are the same sum, term for term.
    static func == (left: Polynomial, right: Polynomial) -> Bool { left.terms == right.terms }

    /// The greatest rational number by which all coefficients can be divided into coprime integers; 1 for zero.
    var content: Rational {
        var above = BigInt(0)
        var below = BigInt(1)
        for coefficient in terms.values {
            above = above.greatestCommonDivisor(with: coefficient.numerator)
            let shared = below.greatestCommonDivisor(with: coefficient.denominator)
            below = below / shared * coefficient.denominator
        }
        return above.isZero ? 1 : Rational(above, over: below)?.magnitude ?? 1
    }

    /// Higher powers of earlier factors first.
    private static func precedes(_ left: Monomial, _ right: Monomial) -> Bool {
        for (one, other) in zip(left, right) where one != other {
            if one.factor != other.factor { return one.factor < other.factor }
            return one.exponent.value > other.exponent.value
        }
        return left.count > right.count
    }
}

/// A quotient of two polynomials, the lower one not zero: 1, or a sum of several terms.
struct Quotient: Sendable {
    var above: Polynomial
    var below: Polynomial = .one

    static let zero = Quotient(above: .zero)
    static let one = Quotient(above: .one)

    /// The number that it is; nil where it is not known to be rational.
    var constant: Rational? { below.isOne ? above.constant : nil }

    init(above: Polynomial, below: Polynomial = .one) {
        self.above = above
        self.below = below
    }

    /// A number.
    init(_ value: Rational) { above = Polynomial(value) }

    static prefix func - (value: Quotient) -> Quotient { Quotient(above: -value.above, below: value.below) }
}
