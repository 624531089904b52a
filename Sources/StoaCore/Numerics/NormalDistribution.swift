/// The standard normal distribution.
///
/// Source: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37
/// (1988), the double-precision version.
package enum NormalDistribution {
    // Coefficients of the rational approximations, highest power first, for |p - 0.5| <= 0.425, for sqrt(-log p) <= 5,
    // and beyond.
    private static let centralNumerator: [Double] = [
        2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987,
        13731.69376550946, 1971.5909503065513, 133.14166789178438, 3.3871328727963665,
    ]
    private static let centralDenominator: [Double] = [
        5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597,
        5394.196021424751, 687.1870074920579, 42.31333070160091, 1.0,
    ]
    private static let middleNumerator: [Double] = [
        0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
        3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
    ]
    private static let middleDenominator: [Double] = [
        1.0507500716444169e-09, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
        0.6897673349851, 1.6763848301838038, 2.053191626637759, 1.0,
    ]
    private static let tailNumerator: [Double] = [
        2.0103343992922881e-07, 2.7115555687434876e-05, 0.0012426609473880784, 0.026532189526576124,
        0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
    ]
    private static let tailDenominator: [Double] = [
        2.0442631033899397e-15, 1.421511758316446e-07, 1.8463183175100548e-05, 0.0007868691311456133,
        0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1.0,
    ]

    private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
        coefficients.reduce(0) { $0 * x + $1 }
    }

    /// The number below which a share p of the distribution lies.
    ///
    /// Determinism: the same bits on every machine; relative error about 10⁻¹⁶.
    ///
    /// - Parameter p: a probability strictly between 0 and 1.
    /// - Returns: the quantile; the infinities at 0 and 1, NaN beyond.
    package static func quantile(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
        let q = p - 0.5
        if q.magnitude <= 0.425 {
            let r = 0.180625 - q * q
            return polynomial(centralNumerator, r) * q / polynomial(centralDenominator, r)
        }
        let r = (-PortableMath.log(q <= 0 ? p : 1 - p)).squareRoot()
        let x =
            r <= 5
            ? polynomial(middleNumerator, r - 1.6) / polynomial(middleDenominator, r - 1.6)
            : polynomial(tailNumerator, r - 5) / polynomial(tailDenominator, r - 5)
        return q < 0 ? -x : x
    }
}
