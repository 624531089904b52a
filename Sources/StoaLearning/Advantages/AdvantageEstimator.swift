/// How much better than the other trajectories of its prompt a trajectory did.
public protocol AdvantageEstimator: Sendable {
    /// Its name, as configurations use it.
    static var name: String { get }

    /// Computes the advantages of a group.
    ///
    /// Shape: [G] to [G]. Determinism: sums run in the order of the rewards.
    ///
    /// - Parameters:
    ///   - rewards: the rewards of the group.
    ///   - countsInBaseline: which of them the mean and the standard deviation are taken of.
    /// - Returns: an advantage per reward; 0 for one that is not in the baseline.
    func advantages(of rewards: [Double], countsInBaseline: [Bool]) -> [Double]
}

extension AdvantageEstimator {
    /// Computes the advantages of a group all of whose rewards count.
    ///
    /// - Parameter rewards: the rewards of the group.
    /// - Returns: an advantage per reward.
    public func advantages(of rewards: [Double]) -> [Double] {
        advantages(of: rewards, countsInBaseline: Array(repeating: true, count: rewards.count))
    }

    /// Computes the advantages of a group's rows.
    ///
    /// - Parameter group: the group.
    /// - Returns: an advantage per row.
    public func advantages(of group: TrajectoryGroup) -> [Double] {
        advantages(of: group.rewards, countsInBaseline: group.rows.map(\.countsInBaseline))
    }
}

/// The advantage estimators there are.
public enum AdvantageEstimators {
    /// One of each, with its usual settings.
    public static let all: [any AdvantageEstimator] = [GRPOAdvantage(), NormalisedAdvantage(), DrGRPOAdvantage()]

    /// The estimator of a name; nil where there is none.
    public static func named(_ name: String) -> (any AdvantageEstimator)? { all.first { type(of: $0).name == name } }
}

extension AdvantageEstimator {
    /// The advantages where each is a function of the reward and the baseline's moments.
    func advantages(
        of rewards: [Double], _ countsInBaseline: [Bool], _ advantage: (Double, Moments) -> Double
    ) -> [Double] {
        precondition(rewards.count == countsInBaseline.count, "a reward counts in the baseline, or it does not")
        let counted = zip(rewards, countsInBaseline).filter(\.1).map(\.0)
        guard let moments = Moments(counted) else { return Array(repeating: 0, count: rewards.count) }
        return zip(rewards, countsInBaseline).map { $1 ? advantage($0, moments) : 0 }
    }
}
