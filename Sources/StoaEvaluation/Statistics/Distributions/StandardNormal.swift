internal import Glibc
internal import StoaCore

/// The standard normal distribution.
public enum StandardNormal {
    /// The probability below z.
    public static func cumulative(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

    /// The number below which a share p lies.
    ///
    /// - Parameter p: strictly between 0 and 1.
    /// - Returns: the quantile; the infinities at 0 and 1.
    public static func quantile(_ p: Double) -> Double { NormalDistribution.quantile(p) }

    /// How many standard deviations an interval around the mean reaches to either side.
    ///
    /// - Parameter level: the share of the distribution in it, such as 0.95.
    /// - Returns: 1.96 for 0.95.
    static func reach(of level: Double) -> Double { quantile(0.5 + level / 2) }
}
