public import StoaCore

/// From judged trajectories to the advantages of an update: filters, rewards, advantages, in this order.
///
///     store -> filter -> reward -> advantage -> loss
///
/// The loss follows where log-probabilities of the policy that is trained are at hand: `PolicyRow`, `PolicyObjective`.
///
/// Determinism: a pure function of its settings, the trajectories and the stream.
public struct RolloutPipeline: Sendable {
    /// The filters, in order.
    public var filters: [any GroupFilter]
    /// What rewards are made of, in order: each is given what the one before it made.
    public var rewards: [any RewardTransform]
    /// How advantages are estimated.
    public var estimator: any AdvantageEstimator
    /// How many groups the update has; nil for those that are left.
    public var refill: GroupRefill?

    /// Creates a pipeline.
    ///
    /// - Parameters:
    ///   - filters: the filters, in order.
    ///   - rewards: what rewards are made of, in order.
    ///   - estimator: how advantages are estimated.
    ///   - refill: how many groups the update has.
    public init(
        filters: [any GroupFilter] = GroupFilters.standard, rewards: [any RewardTransform] = [OutcomeReward()],
        estimator: any AdvantageEstimator = GRPOAdvantage(), refill: GroupRefill? = nil
    ) {
        self.filters = filters
        self.rewards = rewards
        self.estimator = estimator
        self.refill = refill
    }

    /// A trajectory of an update.
    public struct Sample: Sendable, Hashable {
        /// The trajectory.
        public var trajectory: Trajectory
        /// Its advantage.
        public var advantage: Double
        /// The factor of its loss; 0 for one that stays in the update for its group's sake only.
        public var weight: Double
    }

    /// What an update is made of.
    public struct Batch: Sendable, Hashable {
        /// The trajectories, group by group.
        public var samples: [Sample]
        /// What filters dropped.
        public var dropped: [FilteredGroups.Dropped]
    }

    /// Prepares an update.
    ///
    /// - Parameters:
    ///   - trajectories: judged trajectories of any prompts.
    ///   - stream: whose chance is drawn on to make the batch full.
    /// - Returns: the update.
    /// - Throws: `LearningError.missingValue` for a trajectory without a reward.
    public func batch(of trajectories: [Trajectory], stream: RandomStream) throws(LearningError) -> Batch {
        let filtered = FilteredGroups(try TrajectoryGroup.groups(of: trajectories), applying: filters)
        let groups = refill?.batch(of: filtered.kept, stream: stream) ?? filtered.kept
        var samples: [Sample] = []
        for var group in groups {
            for transform in rewards {
                for index in group.rows.indices { group.rows[index].reward = transform.reward(of: group.rows[index]) }
            }
            for (row, advantage) in zip(group.rows, estimator.advantages(of: group)) {
                samples.append(Sample(trajectory: row.trajectory, advantage: advantage, weight: row.weight))
            }
        }
        return Batch(samples: samples, dropped: filtered.dropped)
    }
}
