internal import Glibc

/// How much more tries at a problem are worth: the share solved after N of them is `ceiling · (1 - (1 - p)ᴺ)`.
///
/// The same form holds for rounds of rethinking, with p the chance of becoming right in a round.
///
/// Source: "Scaling over Scaling" (TTSPM), arXiv:2505.20522. One p for all problems is the model's assumption: where
/// problems differ in difficulty it promises more than there is, which `mean(over:tries:)` does not.
public struct SaturationModel: Sendable, Hashable {
    /// The chance that one try is right.
    public var p: Double
    /// The share that is solved in the limit.
    public var ceiling: Double

    /// Creates a model.
    ///
    /// - Parameters:
    ///   - p: the chance that one try is right, 0 to 1.
    ///   - ceiling: the share that is solved in the limit.
    public init(p: Double, ceiling: Double = 1) {
        self.p = p
        self.ceiling = ceiling
    }

    /// The share solved after so many tries.
    public func solved(after tries: Int) -> Double {
        guard p < 1 else { return tries > 0 ? ceiling : 0 }
        return -ceiling * expm1(Double(tries) * log1p(-p))
    }

    /// What one more try adds after so many.
    public func gain(after tries: Int) -> Double {
        guard p < 1 else { return tries == 0 ? ceiling : 0 }
        return ceiling * p * exp(Double(tries) * log1p(-p))
    }

    /// The fewest tries after which another adds at most `threshold`.
    ///
    /// - Parameter threshold: the least that a try has to add, above 0.
    /// - Returns: the number of tries; 0 where not even the first is worth it.
    public func saturation(threshold: Double) -> Int {
        guard gain(after: 0) > threshold else { return 0 }
        guard p < 1 else { return 1 }
        var tries = max(0, Int((log(threshold / (ceiling * p)) / log1p(-p)).rounded(.up)))
        // The logarithms may be off by their last digit exactly where the gain is the threshold.
        while tries > 0, gain(after: tries - 1) <= threshold { tries -= 1 }
        while gain(after: tries) > threshold { tries += 1 }
        return tries
    }

    /// The share of different problems solved after so many tries each: the mean of the curves, not the curve of the mean.
    ///
    /// - Parameters:
    ///   - chances: the chance that one try is right, of each problem.
    ///   - tries: how many tries each gets.
    /// - Returns: the share.
    public static func mean(over chances: [Double], tries: Int) -> Double {
        guard !chances.isEmpty else { return 0 }
        return chances.reduce(0) { $0 + SaturationModel(p: $1).solved(after: tries) } / Double(chances.count)
    }
}
