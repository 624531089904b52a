/// Whether two ways of answering differ, seen from the problems that one gets right and the other does not.
public struct McNemarTest: Sendable, Hashable {
    /// Problems that only the first gets right.
    public let onlyFirst: Int
    /// Problems that only the second gets right.
    public let onlySecond: Int

    /// Creates a test.
    ///
    /// - Parameters:
    ///   - onlyFirst: problems that only the first gets right.
    ///   - onlySecond: problems that only the second gets right.
    public init(onlyFirst: Int, onlySecond: Int) {
        self.onlyFirst = onlyFirst
        self.onlySecond = onlySecond
    }

    private var discordant: Int { onlyFirst + onlySecond }
    private var fewer: Int { min(onlyFirst, onlySecond) }

    /// The exact two-sided p-value: how probable so uneven a split is if both are equally good.
    ///
    /// Never too small, and so a little too large on average.
    public var exact: Double {
        guard discordant > 0 else { return 1 }
        return min(1, 2 * BinomialDistribution.atMost(fewer, in: discordant, p: 0.5))
    }

    /// The mid-p value: half of the probability of the very split that was seen.
    ///
    /// Source: M. W. Fagerland, S. Lydersen and P. Laake, "The McNemar test for binary matched-pairs data", BMC Med. Res.
    /// Methodol. 13 (2013), who recommend it.
    public var midP: Double {
        guard onlyFirst != onlySecond else { return 1 }
        return 2 * BinomialDistribution.atMost(fewer, in: discordant, p: 0.5)
            - BinomialDistribution.probability(of: fewer, in: discordant, p: 0.5)
    }
}
