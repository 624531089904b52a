/// A = r - mean: no division by the standard deviation, which would weigh prompts by how far apart their rewards are.
///
/// Source: Dr. GRPO, arXiv:2503.20783 §3.
public struct DrGRPOAdvantage: AdvantageEstimator {
    /// `dr_grpo`.
    public static let name = "dr_grpo"

    /// Creates the estimator.
    public init() {}

    /// Computes the advantages of a group.
    public func advantages(of rewards: [Double], countsInBaseline: [Bool]) -> [Double] {
        advantages(of: rewards, countsInBaseline) { reward, moments in reward - moments.mean }
    }
}
