internal import Glibc

/// The chance that at least one of k tries at a problem is right.
///
/// Source: M. Chen et al., "Evaluating large language models trained on code", arXiv:2107.03374 §2.1: the unbiased
/// estimator 1 - C(n-c, k) / C(n, k).
public enum PassAtK {
    /// The estimate for one problem.
    ///
    /// Computed as a sum of logarithms: no binomial overflows, and a chance near 0 keeps its digits.
    ///
    /// - Parameters:
    ///   - correct: how many tries were right.
    ///   - tries: how many there were.
    ///   - k: of how many tries one should be right; 1 to `tries`.
    /// - Returns: the chance; nil where there were fewer than k tries.
    public static func estimate(correct: Int, tries: Int, k: Int) -> Double? {
        guard k >= 1, k <= tries, correct >= 0, correct <= tries else { return nil }
        guard tries - correct >= k else { return 1 }
        guard correct > 0 else { return 0 }
        let misses = ((tries - correct + 1)...tries).reduce(0.0) { $0 + log1p(-Double(k) / Double($1)) }
        return -expm1(misses)
    }

    /// The mean over problems.
    ///
    /// - Parameters:
    ///   - scores: for each problem, which of its tries were right.
    ///   - k: of how many tries one should be right.
    /// - Returns: the chance; nil where some problem has fewer than k tries, or there is none.
    public static func mean(_ scores: [[Bool]], k: Int) -> Double? {
        guard !scores.isEmpty else { return nil }
        var sum = 0.0
        for tries in scores {
            guard let chance = estimate(correct: tries.count { $0 }, tries: tries.count, k: k) else { return nil }
            sum += chance
        }
        return sum / Double(scores.count)
    }
}
