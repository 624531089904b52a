/// A rule that decides which groups, and which rows of them, an update is made of.
///
/// Source: the sampling filters of SimpleTIR's trainer (arXiv:2509.02479) and of DAPO (arXiv:2503.14476 §3.2).
public protocol GroupFilter: Sendable {
    /// Its name, as statistics use it.
    static var name: String { get }

    /// Applies the rule.
    ///
    /// - Parameter group: a group that the rules before it have kept.
    /// - Returns: the group, rows changed where the rule says so; nil where it is dropped.
    func apply(_ group: TrajectoryGroup) -> TrajectoryGroup?
}

/// The filters there are, in the order in which the reference applies them.
public enum GroupFilters {
    /// Their types.
    public static let all: [any GroupFilter.Type] = [
        VoidTurnRule.self, RewardSpreadFilter.self, AccuracyBandFilter.self, AllCappedFilter.self,
        CappedRowFilter.self,
    ]

    /// The reference's chain with its recommended settings, accuracy 0.1 to 0.9 and at least 4 rows.
    public static let standard: [any GroupFilter] = [
        VoidTurnRule(), RewardSpreadFilter(), AccuracyBandFilter(lower: 0.1, upper: 0.9), AllCappedFilter(),
        CappedRowFilter(),
    ]
}

/// What filters left of a batch of groups.
public struct FilteredGroups: Sendable, Hashable {
    /// The groups that were kept, in their order.
    public var kept: [TrajectoryGroup]
    /// The groups that were dropped, by the name of the filter that dropped them, in the order of the filters.
    public var dropped: [Dropped]

    /// What a filter dropped.
    public struct Dropped: Sendable, Hashable {
        /// The filter's name.
        public var filter: String
        /// The groups' names.
        public var groups: [String]
    }

    /// Applies filters one after the other: the first that drops a group decides.
    ///
    /// Determinism: a pure function of its arguments.
    ///
    /// - Parameters:
    ///   - groups: the groups.
    ///   - filters: the filters, in order.
    public init(_ groups: [TrajectoryGroup], applying filters: [any GroupFilter]) {
        kept = groups
        dropped = []
        for filter in filters {
            var left: [TrajectoryGroup] = []
            var lost: [String] = []
            for group in kept {
                if let group = filter.apply(group) { left.append(group) } else { lost.append(group.id) }
            }
            kept = left
            if !lost.isEmpty { dropped.append(Dropped(filter: type(of: filter).name, groups: lost)) }
        }
    }
}
