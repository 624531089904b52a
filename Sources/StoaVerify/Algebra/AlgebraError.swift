/// Why an expression has no value that could be compared.
enum AlgebraError: Error, Hashable {
    /// A division by zero, the logarithm of nothing and the like.
    case undefined
    /// A bound on sizes or on work was passed.
    case limit
    /// Something that is no number: a tuple, a set, a word.
    case notScalar
}

/// What bounds the work of one comparison: counted, never timed, so that a decision is the same everywhere.
enum AlgebraLimits {
    /// Products of two terms, weighted by the length of their coefficients, that one comparison may cost.
    static let steps = 100_000
    /// The largest numerator of an exponent.
    static let exponent = 100_000
    /// The largest denominator of an exponent.
    static let rootDegree = 64
    /// The most terms of a polynomial.
    static let terms = 2000
    /// The largest number whose factorial is computed.
    static let factorial = 800
    /// The bits to which signs are looked for before they are given up.
    static let signBits = [64, 256, 1024]
}
