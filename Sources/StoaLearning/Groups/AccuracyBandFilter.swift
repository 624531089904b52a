/// Drops groups whose mean reward is outside a band: prompts that are too easy or too hard to learn from.
///
/// Source: Online Difficulty Filtering, arXiv:2504.03380; `acc_filter` of SimpleTIR's trainer, whose recommended band is
/// 0.1 to 0.9, and 0 to 1 for none.
public struct AccuracyBandFilter: GroupFilter {
    /// `accuracy_band`.
    public static let name = "accuracy_band"

    /// The least mean reward that is kept.
    public var lower: Double
    /// The greatest mean reward that is kept.
    public var upper: Double

    /// Creates the filter.
    ///
    /// - Parameters:
    ///   - lower: the least mean reward that is kept.
    ///   - upper: the greatest mean reward that is kept.
    public init(lower: Double = 0, upper: Double = 1) {
        self.lower = lower
        self.upper = upper
    }

    /// Keeps the group as it is, or drops it.
    public func apply(_ group: TrajectoryGroup) -> TrajectoryGroup? {
        guard let moments = Moments(group.rows.filter(\.countsInBaseline).map(\.reward)) else { return nil }
        return moments.mean < lower || moments.mean > upper ? nil : group
    }
}
