/// What a trajectory's worth is made of: a function of the trajectory and its judged reward.
///
/// It comes behind the filters, which look at the judged reward, and before the advantages.
public protocol RewardTransform: Sendable {
    /// Its name, as configurations use it.
    static var name: String { get }

    /// The reward that advantages are computed from.
    ///
    /// - Parameter row: a trajectory of a group, with its reward so far.
    /// - Returns: a finite number.
    func reward(of row: TrajectoryGroup.Row) -> Double
}

/// The reward transforms there are.
public enum RewardTransforms {
    /// Their types.
    public static let all: [any RewardTransform.Type] = [OutcomeReward.self, TurnCountReward.self]
}
