internal import Glibc

/// An interval for the mean of bounded scores that may be looked at after every one, and on which one may stop.
///
/// Someone bets against every candidate for the mean; a candidate against which much money was made is out. The chance that
/// the true mean is ever out, at any of all looks together, is at most 1 - level: unlike with an interval of fixed size,
/// stopping as soon as it is short enough keeps its promise.
///
/// Source: I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting", J. R. Stat. Soc. B 86
/// (2024), theorem 3: the hedged capital process with predictable plug-in bets, both hedges 1/2, bets cut at c = 1/2; the
/// intervals of all looks are intersected.
///
/// Differs from the paper: candidates are a grid of 1/1000, and the interval reaches to the next grid point outside, which
/// makes it longer and never shorter.
public struct BettingSequence: Sendable {
    private static let cells = 1000

    private let threshold: Double
    private let risk: Double
    private var gainAbove = Array(repeating: 0.0, count: cells + 1)
    private var gainBelow = Array(repeating: 0.0, count: cells + 1)
    private var first = 0
    private var last = cells
    private var sum = 0.0
    private var squares = 0.0

    /// How many scores it has seen.
    public private(set) var count = 0

    /// Creates a sequence that has seen nothing.
    ///
    /// - Parameter level: how often all its intervals together hold the true mean.
    public init(level: Double = 0.95) {
        risk = 1 - level
        threshold = log(2 / risk)
    }

    /// The interval so far.
    public var interval: ConfidenceInterval {
        ConfidenceInterval(
            Double(max(first - 1, 0)) / Double(Self.cells), Double(min(last + 1, Self.cells)) / Double(Self.cells))
    }

    /// Takes a score into account.
    ///
    /// - Parameter score: 0 to 1; the next one in an order that was fixed before, such as a shuffle.
    public mutating func add(_ score: Double) {
        count += 1
        let t = Double(count)
        // What is bet may depend on the scores before only.
        let variance = (0.25 + squares) / t
        let bet = (2 * threshold / (variance * t * log(t + 1))).squareRoot()
        for cell in first...last {
            let mean = Double(cell) / Double(Self.cells)
            gainAbove[cell] += log1p(min(bet, 0.5 / mean) * (score - mean))
            gainBelow[cell] += log1p(-min(bet, 0.5 / (1 - mean)) * (score - mean))
        }
        // A hedge of one half makes 1 / risk out of 2 / risk, on the logarithmic scale.
        while first < last, isOut(first) { first += 1 }
        while last > first, isOut(last) { last -= 1 }
        sum += score
        let estimate = (0.5 + sum) / (t + 1)
        squares += (score - estimate) * (score - estimate)
    }

    private func isOut(_ cell: Int) -> Bool { max(gainAbove[cell], gainBelow[cell]) >= threshold }
}
