/// Drops groups whose rewards are all the same: there is nothing to compare in them.
///
/// The standard deviation is that of the rows in the baseline, divided by their number.
///
/// Source: `rejection_sample` of SimpleTIR's trainer; dynamic sampling of DAPO, arXiv:2503.14476 §3.2.
public struct RewardSpreadFilter: GroupFilter {
    /// `reward_spread`.
    public static let name = "reward_spread"

    /// The standard deviation below which a group is dropped.
    public var minimum: Double

    /// Creates the filter.
    ///
    /// - Parameter minimum: the standard deviation below which a group is dropped.
    public init(minimum: Double = 1e-3) { self.minimum = minimum }

    /// Keeps the group as it is, or drops it.
    public func apply(_ group: TrajectoryGroup) -> TrajectoryGroup? {
        let rewards = group.rows.filter(\.countsInBaseline).map(\.reward)
        guard let moments = Moments(rewards) else { return nil }
        return moments.standardDeviation(degreesOfFreedomRemoved: 0) < minimum ? nil : group
    }
}
