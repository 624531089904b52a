/// Trajectories of one prompt, with what each of them counts in an update.
///
/// A rule that takes a trajectory out of the update leaves its row in place with the weight 0, so that its reward can go
/// on counting in the group's baseline where that is wanted.
public struct TrajectoryGroup: Sendable, Hashable {
    /// A trajectory of a group.
    public struct Row: Sendable, Hashable {
        /// The trajectory.
        public var trajectory: Trajectory
        /// What it is worth: its reward, or what a reward transform makes of it.
        public var reward: Double
        /// The factor of its loss; 0 takes all its tokens out of the loss and out of the loss's denominator.
        public var weight: Double
        /// Whether its reward counts in the group's mean and standard deviation.
        public var countsInBaseline: Bool
    }

    /// Its name; the name of the prompt, with a suffix for a copy that fills a batch.
    public var id: String
    /// The trajectories, in the order in which they came.
    public var rows: [Row]

    /// Creates a group.
    ///
    /// - Parameters:
    ///   - id: its name.
    ///   - trajectories: its trajectories, all of them judged.
    /// - Throws: `LearningError.missingValue` for one without a reward, or with one that is no number.
    public init(id: String, trajectories: [Trajectory]) throws(LearningError) {
        var rows: [Row] = []
        for trajectory in trajectories {
            guard let reward = trajectory.reward, reward.isFinite else {
                throw .missing(
                    "a reward", in: "trajectory \(trajectory.id)",
                    hint: "have it judged: a playbook's verify step gives its trajectories rewards")
            }
            rows.append(Row(trajectory: trajectory, reward: reward, weight: 1, countsInBaseline: true))
        }
        self.id = id
        self.rows = rows
    }

    /// Puts trajectories into groups by the prompts they belong to.
    ///
    /// Determinism: groups come in the order of their first trajectories.
    ///
    /// - Parameter trajectories: trajectories of any prompts, all of them judged.
    /// - Returns: the groups.
    /// - Throws: `LearningError.missingValue` for a trajectory without a reward.
    public static func groups(of trajectories: [Trajectory]) throws(LearningError) -> [TrajectoryGroup] {
        var order: [String] = []
        var members: [String: [Trajectory]] = [:]
        for trajectory in trajectories {
            if members[trajectory.group] == nil { order.append(trajectory.group) }
            members[trajectory.group, default: []].append(trajectory)
        }
        var groups: [TrajectoryGroup] = []
        for id in order { groups.append(try TrajectoryGroup(id: id, trajectories: members[id] ?? [])) }
        return groups
    }

    /// The rewards of all rows.
    ///
    /// Shape: [G].
    public var rewards: [Double] { rows.map(\.reward) }
}
