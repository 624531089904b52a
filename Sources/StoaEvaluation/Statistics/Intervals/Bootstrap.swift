internal import StoaCore

/// Intervals for whatever can be computed of a sample, by drawing samples from it again.
///
/// Determinism: draws are read by position from one stream per replicate, so an interval is a pure function of the data and
/// the seed.
public struct Bootstrap: Sendable {
    /// How replicates become an interval.
    public enum Method: Sendable, Hashable {
        /// The quantiles of the replicates.
        case percentile
        /// Quantiles that correct for bias and skewness.
        ///
        /// Source: B. Efron, "Better bootstrap confidence intervals", JASA 82 (1987).
        case bca
    }

    /// How often a sample is drawn.
    public var replicates: Int
    /// What draws are made of.
    public var seed: UInt64
    /// How often intervals hold the true value.
    public var level: Double

    /// Creates a bootstrap.
    ///
    /// - Parameters:
    ///   - replicates: how often a sample is drawn.
    ///   - seed: what draws are made of.
    ///   - level: how often intervals hold the true value.
    public init(replicates: Int = 10_000, seed: UInt64 = 0, level: Double = 0.95) {
        self.replicates = replicates
        self.seed = seed
        self.level = level
    }

    /// The interval for the mean of values that are independent of each other.
    ///
    /// - Parameters:
    ///   - values: a value per problem; of pairs, the difference of each.
    ///   - method: how replicates become an interval.
    /// - Returns: the interval; from the value to itself for fewer than two.
    public func mean(of values: [Double], method: Method = .bca) -> ConfidenceInterval {
        let count = Double(values.count)
        let sum = values.reduce(0, +)
        guard values.count > 1 else { return ConfidenceInterval(sum, sum) }
        return interval(
            size: values.count, estimate: sum / count, method: method,
            jackknife: { values.map { (sum - $0) / (count - 1) } },
            statistic: { indices in
                var total = 0.0
                for index in indices { total += values[index] }
                return total / count
            })
    }

    /// The interval for any statistic of a sample.
    ///
    /// - Parameters:
    ///   - size: how many elements the sample has, at least 2.
    ///   - method: how replicates become an interval.
    ///   - statistic: given the indices of a sample's elements, what is computed of them.
    /// - Returns: the interval.
    public func interval(
        size: Int, method: Method = .bca, statistic: ([Int]) -> Double
    ) -> ConfidenceInterval {
        let all = Array(0..<size)
        return interval(
            size: size, estimate: statistic(all), method: method,
            jackknife: { all.map { left in statistic(all.filter { $0 != left }) } }, statistic: statistic)
    }

    private func interval(
        size: Int, estimate: Double, method: Method, jackknife: () -> [Double], statistic: ([Int]) -> Double
    ) -> ConfidenceInterval {
        let stream = RandomStream(seed: seed).child("bootstrap")
        var indices = Array(repeating: 0, count: size)
        var found: [Double] = []
        found.reserveCapacity(replicates)
        for replicate in 0..<replicates {
            let base = UInt64(replicate) &* UInt64(size)
            for index in 0..<size { indices[index] = stream.integer(at: base &+ UInt64(index), below: size) }
            found.append(statistic(indices))
        }
        return Self.interval(
            replicates: found, estimate: estimate, jackknife: method == .bca ? jackknife() : [], level: level)
    }

    /// The interval that replicates come to.
    ///
    /// - Parameters:
    ///   - replicates: the statistic of each drawn sample.
    ///   - estimate: the statistic of the sample itself.
    ///   - jackknife: the statistic without each element in turn; empty for the plain quantiles.
    ///   - level: how often the interval holds the true value.
    /// - Returns: the interval; the plain one too where all replicates are equal.
    static func interval(
        replicates: [Double], estimate: Double, jackknife: [Double], level: Double
    ) -> ConfidenceInterval {
        let sorted = replicates.sorted()
        let tail = (1 - level) / 2
        var (lower, upper) = (tail, 1 - tail)
        let below = Double(replicates.count { $0 < estimate })
        let equal = Double(replicates.count { $0 == estimate })
        // Ties count half, as the discrete statistics of small samples have many.
        let share = (below + equal / 2) / Double(replicates.count)
        if !jackknife.isEmpty, share > 0, share < 1, let acceleration = acceleration(jackknife) {
            let bias = StandardNormal.quantile(share)
            func corrected(_ z: Double) -> Double {
                StandardNormal.cumulative(bias + (bias + z) / (1 - acceleration * (bias + z)))
            }
            (lower, upper) = (corrected(StandardNormal.quantile(tail)), corrected(StandardNormal.quantile(1 - tail)))
        }
        return ConfidenceInterval(quantile(sorted, lower), quantile(sorted, upper))
    }

    private static func acceleration(_ jackknife: [Double]) -> Double? {
        let mean = jackknife.reduce(0, +) / Double(jackknife.count)
        let (cubes, squares) = jackknife.reduce((0.0, 0.0)) { sums, value in
            let d = mean - value
            return (sums.0 + d * d * d, sums.1 + d * d)
        }
        guard squares > 0 else { return nil }
        return cubes / (6 * squares * squares.squareRoot())
    }

    /// The quantile of sorted numbers, interpolated between neighbours (type 7 of Hyndman and Fan, numpy's own).
    static func quantile(_ sorted: [Double], _ p: Double) -> Double {
        guard let last = sorted.indices.last else { return .nan }
        let place = min(max(p, 0), 1) * Double(last)
        let index = min(Int(place), max(last - 1, 0))
        guard last > 0 else { return sorted[0] }
        return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
    }
}
