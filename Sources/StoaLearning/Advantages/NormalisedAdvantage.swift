/// A = (r - mean) / F(r), with a normaliser F of the group's rewards.
///
/// Source: SimpleTIR, arXiv:2509.02479, which writes F_norm and leaves it open. The default is the standard deviation
/// of the group itself, without a number added to it, as GRPO's equation has it; the advantage of a group whose rewards
/// are all the same is 0.
public struct NormalisedAdvantage: AdvantageEstimator {
    /// What differences from the mean are divided by.
    public enum Normaliser: String, Sendable, Hashable, CaseIterable {
        /// The standard deviation with n in the denominator.
        case standardDeviation = "std"
        /// The standard deviation with n - 1 in the denominator.
        case sampleStandardDeviation = "sample_std"
        /// 1, which is Dr. GRPO.
        case one = "none"
    }

    /// `f_norm`.
    public static let name = "f_norm"

    /// What differences from the mean are divided by.
    public var normaliser: Normaliser

    /// Creates the estimator.
    ///
    /// - Parameter normaliser: what differences from the mean are divided by.
    public init(normaliser: Normaliser = .standardDeviation) { self.normaliser = normaliser }

    /// Computes the advantages of a group.
    public func advantages(of rewards: [Double], countsInBaseline: [Bool]) -> [Double] {
        advantages(of: rewards, countsInBaseline) { reward, moments in
            let divisor =
                switch normaliser {
                case .standardDeviation: moments.standardDeviation(degreesOfFreedomRemoved: 0)
                case .sampleStandardDeviation: moments.standardDeviation(degreesOfFreedomRemoved: 1)
                case .one: 1.0
                }
            return divisor > 0 ? (reward - moments.mean) / divisor : 0
        }
    }
}
