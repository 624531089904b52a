internal import Glibc
internal import StoaCore

/// The number of successes in independent trials.
///
/// Source: C. Loader, "Fast and accurate computation of binomial probabilities" (2000): the deviance is computed without
/// the cancellation that logarithms of factorials have.
public enum BinomialDistribution {
    /// The probability of exactly so many successes.
    ///
    /// Determinism: relative error below 10⁻¹² up to a billion trials.
    ///
    /// - Parameters:
    ///   - successes: how many; outside of 0 to `trials` the probability is 0.
    ///   - trials: how many trials, at least 0.
    ///   - p: the probability of success in one trial.
    /// - Returns: the probability.
    public static func probability(of successes: Int, in trials: Int, p: Double) -> Double {
        guard successes >= 0, successes <= trials else { return 0 }
        return density(Double(successes), Double(trials), p, 1 - p)
    }

    /// The probability of at most so many successes.
    ///
    /// - Parameters:
    ///   - successes: how many.
    ///   - trials: how many trials, at least 0.
    ///   - p: the probability of success in one trial.
    /// - Returns: the probability.
    public static func atMost(_ successes: Int, in trials: Int, p: Double) -> Double {
        guard successes >= 0 else { return 0 }
        guard successes < trials else { return 1 }
        return BetaDistribution.cumulative(
            1 - p, complement: p, a: Double(trials - successes), b: Double(successes + 1))
    }

    /// The probability of at least so many successes, accurate where it is tiny.
    ///
    /// - Parameters:
    ///   - successes: how many.
    ///   - trials: how many trials, at least 0.
    ///   - p: the probability of success in one trial.
    /// - Returns: the probability.
    public static func atLeast(_ successes: Int, in trials: Int, p: Double) -> Double {
        guard successes > 0 else { return 1 }
        guard successes <= trials else { return 0 }
        return BetaDistribution.cumulative(
            p, complement: 1 - p, a: Double(successes), b: Double(trials - successes + 1))
    }

    /// Γ(n+1) / (Γ(x+1) Γ(n-x+1)) pˣ qⁿ⁻ˣ, also between whole numbers.
    ///
    /// - Parameters:
    ///   - x: 0 to n.
    ///   - n: at least 0.
    ///   - p: 0 to 1.
    ///   - q: 1 - p, given apart so that nothing is lost where p is near 1.
    /// - Returns: the density.
    static func density(_ x: Double, _ n: Double, _ p: Double, _ q: Double) -> Double {
        if p == 0 { return x == 0 ? 1 : 0 }
        if q == 0 { return x == n ? 1 : 0 }
        if x == 0 { return n == 0 ? 1 : exp(p < 0.1 ? n * log1p(-p) : n * log(q)) }
        if x == n { return exp(q < 0.1 ? n * log1p(-q) : n * log(p)) }
        let correction = stirlingError(n) - stirlingError(x) - stirlingError(n - x)
        return exp(correction - deviance(x, n * p) - deviance(n - x, n * q))
            * (n / (2 * Double.pi * x * (n - x))).squareRoot()
    }

    /// x log(x / m) + m - x, without cancellation where both are close.
    private static func deviance(_ x: Double, _ m: Double) -> Double {
        let difference = x - m
        guard difference.magnitude < 0.1 * (x + m) else { return x * log(x / m) - difference }
        let v = difference / (x + m)
        var sum = difference * v
        var term = 2 * x * v
        for j in 1..<1000 {
            term *= v * v
            let next = sum + term / Double(2 * j + 1)
            if next == sum { break }
            sum = next
        }
        return sum
    }

    /// log Γ(n+1) less its Stirling approximation.
    static func stirlingError(_ n: Double) -> Double {
        var n = n
        var sum = 0.0
        // Each step up costs one term of a known difference; from 16 on the series has the accuracy of doubles.
        while n < 16 {
            sum += (n + 0.5) * log1p(1 / n) - 1
            n += 1
        }
        let square = n * n
        let series =
            1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / square) / square) / square) / square
        return sum + series / n
    }
}
