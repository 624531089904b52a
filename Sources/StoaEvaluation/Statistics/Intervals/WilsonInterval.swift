internal import StoaCore

/// The score interval for a share: it stays within 0 and 1 and says something true also where all or none succeeded.
///
/// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927); without a
/// correction for continuity, as L. D. Brown, T. T. Cai and A. DasGupta (2001) recommend.
public enum WilsonInterval {
    /// The interval for a share of independent trials.
    ///
    /// - Parameters:
    ///   - successes: how many succeeded.
    ///   - trials: how many there were; none gives 0 to 1.
    ///   - level: how often intervals like this one hold the true share.
    /// - Returns: the interval.
    public static func interval(successes: Int, trials: Int, level: Double = 0.95) -> ConfidenceInterval {
        interval(share: trials > 0 ? Double(successes) / Double(trials) : 0, size: Double(trials), level: level)
    }

    /// The interval for the mean score of problems that were each tried several times: their tries are not independent.
    ///
    /// The size is the effective one, p (1 - p) / SE² with the standard error between problems, at least the number of
    /// problems and at most that of tries.
    ///
    /// Source: C. Franco, R. J. A. Little, T. A. Louis and E. V. Slud, "Comparative study of confidence intervals for
    /// proportions in complex sample surveys", J. Surv. Stat. Methodol. 7 (2019): the modified Wilson interval.
    ///
    /// - Parameters:
    ///   - clusters: the scores of each problem's tries, each 0 to 1.
    ///   - level: how often intervals like this one hold the true mean.
    /// - Returns: the interval.
    public static func interval(clusters: [[Double]], level: Double = 0.95) -> ConfidenceInterval {
        let tries = clusters.reduce(0) { $0 + $1.count }
        let problems = clusters.count { !$0.isEmpty }
        guard tries > 0 else { return ConfidenceInterval(0, 1) }
        let error = ClusteredError(clusters)
        let spread = error.mean * (1 - error.mean)
        let effective = error.standardError > 0 ? spread / (error.standardError * error.standardError) : 0
        let size = min(max(effective, Double(problems)), Double(tries))
        return interval(share: error.mean, size: size, level: level)
    }

    private static func interval(share: Double, size: Double, level: Double) -> ConfidenceInterval {
        let ends = WilsonScore.interval(share: share, size: size, level: level)
        return ConfidenceInterval(ends.lower, ends.upper)
    }
}
