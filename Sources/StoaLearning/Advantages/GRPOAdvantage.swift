/// A = (r - mean) / (std + 1e-6), with the sample's standard deviation (one degree of freedom removed).
///
/// A group of one has the mean 0 and the standard deviation 1.
///
/// Source: GRPO, arXiv:2402.03300 §4.1.2, in the form of the released code of SimpleTIR and verl.
public struct GRPOAdvantage: AdvantageEstimator {
    /// `grpo`.
    public static let name = "grpo"

    /// What is added to the standard deviation.
    public var epsilon: Double

    /// Creates the estimator.
    ///
    /// - Parameter epsilon: what is added to the standard deviation.
    public init(epsilon: Double = 1e-6) { self.epsilon = epsilon }

    /// Computes the advantages of a group.
    public func advantages(of rewards: [Double], countsInBaseline: [Bool]) -> [Double] {
        advantages(of: rewards, countsInBaseline) { reward, moments in
            guard moments.count > 1 else { return reward / (1 + epsilon) }
            return (reward - moments.mean) / (moments.standardDeviation(degreesOfFreedomRemoved: 1) + epsilon)
        }
    }
}
