/// When to stop trying at a problem: as soon as another try is not worth its price any more, judged by the tries so far.
///
/// What is known of the chance p of a right try is a Beta distribution; the expected gain of the next try, after N without
/// knowing which is right, is E[p (1 - p)ᴺ], which has a closed form. The rule is the saturation point of entry 40 of the
/// catalogue with p estimated on the way.
///
/// Source: "Scaling over Scaling" (TTSPM), arXiv:2505.20522, with a posterior in place of a known p.
public struct SaturationRule: Sendable, Hashable {
    /// Right tries, and how many the prior counts as.
    public private(set) var successes: Double
    /// Wrong tries, and how many the prior counts as.
    public private(set) var failures: Double
    /// How many tries there were.
    public private(set) var tries = 0
    /// The least that a try has to add to the share solved.
    public let threshold: Double
    /// The most tries there may be, whatever they promise.
    public let limit: Int

    /// Creates a rule.
    ///
    /// - Parameters:
    ///   - threshold: the least that a try has to add: the price of a try in the unit of a solved problem.
    ///   - limit: the most tries.
    ///   - successes: what the prior counts as right tries; 1 and 1 is a uniform prior.
    ///   - failures: what it counts as wrong ones.
    public init(threshold: Double, limit: Int, successes: Double = 1, failures: Double = 1) {
        self.threshold = threshold
        self.limit = limit
        self.successes = successes
        self.failures = failures
    }

    /// Takes a try into account.
    ///
    /// - Parameter isCorrect: what a verifier says of it.
    public mutating func add(_ isCorrect: Bool) {
        tries += 1
        if isCorrect { successes += 1 } else { failures += 1 }
    }

    /// What the next try is expected to add: B(a + 1, b + N) / B(a, b).
    public var expectedGain: Double {
        var gain = successes / (successes + failures)
        for step in 0..<tries {
            gain *= (failures + Double(step)) / (successes + failures + 1 + Double(step))
        }
        return gain
    }

    /// Whether another try should be made.
    public var goesOn: Bool { tries < limit && expectedGain > threshold }
}
