/// The mean of scores that belong together in groups, and how far it may be off: tries at one problem are alike, so that
/// counting them as independent makes intervals far too short.
///
/// Source: E. Miller, "Adding error bars to evals", arXiv:2411.00640 §2.2; with the factor G / (G - 1) for few groups.
public struct ClusteredError: Sendable, Hashable {
    /// The mean of all scores.
    public let mean: Double
    /// The standard error of the mean; 0 for fewer than two groups, of which nothing can be said.
    public let standardError: Double
    /// How many groups have a score.
    public let clusters: Int

    /// Computes the error.
    ///
    /// - Parameter groups: the scores of each group; empty ones are left out.
    public init(_ groups: [[Double]]) {
        let groups = groups.filter { !$0.isEmpty }
        clusters = groups.count
        let count = groups.reduce(0) { $0 + $1.count }
        let sum = groups.reduce(0.0) { $0 + $1.reduce(0, +) }
        let mean = count > 0 ? sum / Double(count) : 0
        self.mean = mean
        guard groups.count > 1 else {
            standardError = 0
            return
        }
        let squares = groups.reduce(0.0) { total, group in
            let residual = group.reduce(0) { $0 + ($1 - mean) }
            return total + residual * residual
        }
        let correction = Double(groups.count) / Double(groups.count - 1)
        standardError = (correction * squares).squareRoot() / Double(count)
    }
}
