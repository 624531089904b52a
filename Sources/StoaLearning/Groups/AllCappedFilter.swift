/// Drops groups whose trajectories were all cut: their rewards say nothing about their reasoning.
///
/// Source: SimpleTIR's trainer, arXiv:2509.02479. Differs from it in what counts as cut: `Trajectory.isCapped`.
public struct AllCappedFilter: GroupFilter {
    /// `all_capped`.
    public static let name = "all_capped"

    /// Creates the filter.
    public init() {}

    /// Keeps the group as it is, or drops it.
    public func apply(_ group: TrajectoryGroup) -> TrajectoryGroup? {
        group.rows.allSatisfy(\.trajectory.isCapped) ? nil : group
    }
}
