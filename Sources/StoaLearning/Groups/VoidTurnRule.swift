/// Takes trajectories with a void turn out of the update, whole.
///
/// Source: SimpleTIR, arXiv:2509.02479. The paper takes them out of the batch; the released code masks their loss only,
/// so that their rewards go on counting in the mean and the standard deviation of their group.
public struct VoidTurnRule: GroupFilter {
    /// `void_turn`.
    public static let name = "void_turn"

    /// Whether their rewards count in the group's baseline: true as in the code, false as in the paper.
    public var voidInBaseline: Bool

    /// Creates the rule.
    ///
    /// - Parameter voidInBaseline: whether rewards of void trajectories count in the group's baseline.
    public init(voidInBaseline: Bool = true) { self.voidInBaseline = voidInBaseline }

    /// Keeps every group; rows of void trajectories get the weight 0.
    public func apply(_ group: TrajectoryGroup) -> TrajectoryGroup? {
        var group = group
        for index in group.rows.indices where group.rows[index].trajectory.isVoid {
            group.rows[index].weight = 0
            group.rows[index].countsInBaseline = group.rows[index].countsInBaseline && voidInBaseline
        }
        return group
    }
}
