/// Two ways of answering, each problem right or wrong: the four counts of the pairs.
public struct PairedShares: Sendable, Hashable {
    /// Problems that both get right.
    public var both: Int
    /// Problems that only the first gets right.
    public var onlyFirst: Int
    /// Problems that only the second gets right.
    public var onlySecond: Int
    /// Problems that neither gets right.
    public var neither: Int

    /// Creates counts.
    ///
    /// - Parameters:
    ///   - both: problems that both get right.
    ///   - onlyFirst: problems that only the first gets right.
    ///   - onlySecond: problems that only the second gets right.
    ///   - neither: problems that neither gets right.
    public init(both: Int, onlyFirst: Int, onlySecond: Int, neither: Int) {
        self.both = both
        self.onlyFirst = onlyFirst
        self.onlySecond = onlySecond
        self.neither = neither
    }

    /// How many pairs there are.
    public var count: Int { both + onlyFirst + onlySecond + neither }

    /// The second's share less the first's.
    public var difference: Double { count > 0 ? Double(onlySecond - onlyFirst) / Double(count) : 0 }

    /// The interval for the difference of the shares; unlike the bootstrap's it is no point where the two never differed.
    ///
    /// Source: R. G. Newcombe, "Improved confidence intervals for the difference between binomial proportions based on
    /// paired data", Statist. Med. 17 (1998), method 10: Wilson intervals, squared and added with the pairs' correlation.
    ///
    /// - Parameter level: how often intervals like this one hold the true difference.
    /// - Returns: the interval; from -1 to 1 without pairs.
    public func interval(level: Double = 0.95) -> ConfidenceInterval {
        guard count > 0 else { return ConfidenceInterval(-1, 1) }
        let n = Double(count)
        let (first, second) = (Double(both + onlyFirst) / n, Double(both + onlySecond) / n)
        let one = WilsonInterval.interval(successes: both + onlyFirst, trials: count, level: level)
        let other = WilsonInterval.interval(successes: both + onlySecond, trials: count, level: level)
        let phi = correlation
        func reach(_ a: Double, _ b: Double) -> Double { max(0, a * a - 2 * phi * a * b + b * b).squareRoot() }
        return ConfidenceInterval(
            difference - reach(second - other.lower, one.upper - first),
            difference + reach(other.upper - second, first - one.lower))
    }

    /// The correlation of the pairs, moved towards 0 where it is positive.
    private var correlation: Double {
        func double(_ a: Int, _ b: Int) -> Double { Double(a + b) }
        let product =
            double(both, onlyFirst) * double(onlySecond, neither) * double(both, onlySecond)
            * double(onlyFirst, neither)
        guard product > 0 else { return 0 }
        var numerator = Double(both) * Double(neither) - Double(onlyFirst) * Double(onlySecond)
        if numerator > 0 { numerator = max(numerator - Double(count) / 2, 0) }
        return numerator / product.squareRoot()
    }
}
