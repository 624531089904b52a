/// The beta distribution: what is known of a probability after some successes and failures.
public enum BetaDistribution {
    /// The regularised incomplete beta function: the probability below x.
    ///
    /// Source: the continued fraction of W. H. Press et al., "Numerical Recipes" §6.4, by Lentz's method; its factor is
    /// Loader's binomial density.
    ///
    /// Determinism: relative error below 10⁻¹¹ up to parameters of a million. Complexity: the root of the parameters.
    ///
    /// - Parameters:
    ///   - x: 0 to 1.
    ///   - complement: 1 - x, given apart so that nothing is lost where x is near 1; nil for the difference.
    ///   - a: above 0.
    ///   - b: above 0.
    /// - Returns: a probability.
    public static func cumulative(_ x: Double, complement: Double? = nil, a: Double, b: Double) -> Double {
        let y = complement ?? 1 - x
        guard x > 0 else { return 0 }
        guard y > 0 else { return 1 }
        // pᵃ qᵇ / B(a, b)
        let factor = a * b / (a + b) * BinomialDistribution.density(a, a + b, x, y)
        // The fraction converges fast on one side of the mean only.
        return x < (a + 1) / (a + b + 2) ? factor * fraction(x, a, b) / a : 1 - factor * fraction(y, b, a) / b
    }

    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func away(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / away(1 - (a + b) * x / (a + 1))
        var product = d
        for index in 1...100_000 {
            let m = Double(index)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / away(1 + even * d)
            c = away(1 + even / c)
            product *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / away(1 + odd * d)
            c = away(1 + odd / c)
            let step = d * c
            product *= step
            if (step - 1).magnitude < 1e-16 { break }
        }
        return product
    }
}
