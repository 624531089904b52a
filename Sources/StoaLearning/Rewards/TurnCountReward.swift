/// Adds to the reward of a right answer that took fewer turns: r + lambda r (1 - turns / maximum).
///
/// It is monotone in the turns only where the answer is right, and nothing at lambda 0. The form is ours: MinD
/// (arXiv:2505.19788) rewards fewer turns without saying by which formula.
public struct TurnCountReward: RewardTransform {
    /// `turn_count`.
    public static let name = "turn_count"

    /// How much the turns count: lambda.
    public var scale: Double
    /// The number of turns at which nothing is added.
    public var maximumTurns: Int

    /// Creates the transform.
    ///
    /// - Parameters:
    ///   - scale: how much the turns count.
    ///   - maximumTurns: the number of turns at which nothing is added, at least 1.
    public init(scale: Double, maximumTurns: Int) {
        self.scale = scale
        self.maximumTurns = max(1, maximumTurns)
    }

    /// The judged reward and what its turns add.
    public func reward(of row: TrajectoryGroup.Row) -> Double {
        let turns = min(row.trajectory.turns.count, maximumTurns)
        return row.reward + scale * row.reward * (1 - Double(turns) / Double(maximumTurns))
    }
}
