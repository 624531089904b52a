/// The score interval for a share.
///
/// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927); without a
/// correction for continuity.
package enum WilsonScore {
    /// The ends of the interval; within 0 and 1, and exact where none or all succeeded.
    ///
    /// - Parameters:
    ///   - share: the share that succeeded, 0 to 1.
    ///   - size: how many trials that is worth; 0 gives 0 to 1.
    ///   - level: how often intervals like this one hold the true share.
    /// - Returns: both ends.
    package static func interval(share: Double, size: Double, level: Double = 0.95) -> (lower: Double, upper: Double) {
        guard size > 0 else { return (0, 1) }
        let z = NormalDistribution.quantile(0.5 + level / 2)
        let square = z * z / size
        let centre = (share + square / 2) / (1 + square)
        let reach = z / (1 + square) * (share * (1 - share) / size + square / (4 * size)).squareRoot()
        return (share == 0 ? 0 : max(0, centre - reach), share == 1 ? 1 : min(1, centre + reach))
    }
}
