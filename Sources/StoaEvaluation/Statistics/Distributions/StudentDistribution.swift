/// Student's t distribution.
public enum StudentDistribution {
    /// The probability of being further from 0 than t, on either side.
    ///
    /// - Parameters:
    ///   - t: any number.
    ///   - degrees: the degrees of freedom, above 0.
    /// - Returns: a probability.
    public static func beyond(_ t: Double, degrees: Double) -> Double {
        guard t.isFinite else { return t.isNaN ? .nan : 0 }
        let square = t * t
        return BetaDistribution.cumulative(
            degrees / (degrees + square), complement: square / (degrees + square), a: degrees / 2, b: 0.5)
    }

    /// The probability below t.
    ///
    /// - Parameters:
    ///   - t: any number.
    ///   - degrees: the degrees of freedom, above 0.
    /// - Returns: a probability.
    public static func cumulative(_ t: Double, degrees: Double) -> Double {
        let tail = beyond(t, degrees: degrees) / 2
        return t > 0 ? 1 - tail : tail
    }

    /// The number below which a share p lies.
    ///
    /// - Parameters:
    ///   - p: strictly between 0 and 1.
    ///   - degrees: the degrees of freedom, above 0.
    /// - Returns: the quantile.
    public static func quantile(_ p: Double, degrees: Double) -> Double {
        guard p != 0.5 else { return 0 }
        let tail = 2 * min(p, 1 - p)
        var low = 0.0
        var high = 1.0
        while beyond(high, degrees: degrees) > tail, high < 1e300 { high *= 2 }
        // Halving ends where no double lies between the bounds.
        while true {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { break }
            if beyond(middle, degrees: degrees) > tail { low = middle } else { high = middle }
        }
        return p > 0.5 ? high : -high
    }
}
