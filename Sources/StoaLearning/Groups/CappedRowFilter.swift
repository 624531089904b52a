/// Takes trajectories that were cut out of the update, and drops groups that have too few left.
///
/// A row that another rule took out does not count as left, as in the reference's mask.
///
/// Source: `remove_clip` with `min_n` of SimpleTIR's trainer; overlong filtering of DAPO, arXiv:2503.14476 §3.4. Their
/// rewards go on counting in the group's baseline.
public struct CappedRowFilter: GroupFilter {
    /// `capped_rows`.
    public static let name = "capped_rows"

    /// The least number of rows that must be left.
    public var minimumRows: Int

    /// Creates the filter.
    ///
    /// - Parameter minimumRows: the least number of rows that must be left.
    public init(minimumRows: Int = 4) { self.minimumRows = minimumRows }

    /// Gives rows that were cut the weight 0, or drops the group.
    public func apply(_ group: TrajectoryGroup) -> TrajectoryGroup? {
        var group = group
        for index in group.rows.indices where group.rows[index].trajectory.isCapped { group.rows[index].weight = 0 }
        return group.rows.count { $0.weight > 0 } < minimumRows ? nil : group
    }
}
