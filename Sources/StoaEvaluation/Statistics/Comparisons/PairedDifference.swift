/// By how much two ways of answering the same problems differ.
public struct PairedDifference: Sendable, Hashable {
    /// The mean of the differences: above 0 where the second is better.
    public let mean: Double
    /// The standard error of the mean.
    public let standardError: Double
    /// How many pairs there are.
    public let count: Int

    /// Compares scores pair by pair.
    ///
    /// - Parameter differences: for each problem, the second's score less the first's; where problems were tried several
    ///   times, of the means, so that tries of one problem are not taken for independent.
    public init(_ differences: [Double]) {
        count = differences.count
        let mean = differences.isEmpty ? 0 : differences.reduce(0, +) / Double(differences.count)
        self.mean = mean
        let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        standardError = count > 1 ? (squares / Double(count - 1) / Double(count)).squareRoot() : 0
    }

    /// The interval of Student's t.
    ///
    /// - Parameter level: how often intervals like this one hold the true difference.
    /// - Returns: the interval; from -1 to 1 for fewer than two pairs.
    public func studentInterval(level: Double = 0.95) -> ConfidenceInterval {
        guard count > 1 else { return ConfidenceInterval(-1, 1) }
        return around(StudentDistribution.quantile(0.5 + level / 2, degrees: Double(count - 1)))
    }

    /// The interval of the normal distribution, for many pairs.
    ///
    /// - Parameter level: how often intervals like this one hold the true difference.
    /// - Returns: the interval; from -1 to 1 for fewer than two pairs.
    public func normalInterval(level: Double = 0.95) -> ConfidenceInterval {
        guard count > 1 else { return ConfidenceInterval(-1, 1) }
        return around(StandardNormal.reach(of: level))
    }

    private func around(_ reach: Double) -> ConfidenceInterval {
        ConfidenceInterval(mean - reach * standardError, mean + reach * standardError)
    }

    /// The two-sided p-value of the paired t test; 1 where there is no difference, or fewer than two pairs.
    public var studentP: Double {
        guard count > 1, mean != 0 else { return 1 }
        guard standardError > 0 else { return 0 }
        return StudentDistribution.beyond(mean / standardError, degrees: Double(count - 1))
    }
}
