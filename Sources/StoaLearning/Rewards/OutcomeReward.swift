/// The judged reward as it is: 1 for a right answer and 0 for a wrong one, where a verifier judged it.
public struct OutcomeReward: RewardTransform {
    /// `outcome`.
    public static let name = "outcome"

    /// Creates the transform.
    public init() {}

    /// The judged reward.
    public func reward(of row: TrajectoryGroup.Row) -> Double { row.reward }
}
