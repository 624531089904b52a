internal import StoaCore

/// A form in which rollouts are written for other people's trainers, a line each.
public enum TrainingFormat: String, Sendable, Hashable, CaseIterable {
    /// For TRL: `TRLRecord`.
    case trl
    /// For verl, before the conversion to Parquet: `VerlRecord`.
    case verl

    /// What can be said about a data set.
    public struct Options: Sendable, Hashable {
        /// The agent whose rollouts are wanted; nil for all agents.
        public var agent: String?
        /// The name by which verl finds the reward function; nil for `stoa/` and the playbook.
        public var dataSource: String?
        /// The kind of task, for verl.
        public var ability: String
        /// The part of the data set, for verl.
        public var split: String

        /// Describes a data set.
        ///
        /// - Parameters:
        ///   - agent: the agent whose rollouts are wanted.
        ///   - dataSource: the name by which verl finds the reward function.
        ///   - ability: the kind of task.
        ///   - split: the part of the data set.
        public init(
            agent: String? = nil, dataSource: String? = nil, ability: String = "math", split: String = "train"
        ) {
            self.agent = agent
            self.dataSource = dataSource
            self.ability = ability
            self.split = split
        }

        /// Whether a rollout is wanted: an agent that works in several branches is `solver/0`, `solver/1`, and one agent.
        func wants(_ rollout: Rollout) -> Bool {
            guard let agent else { return true }
            return rollout.agent == agent || rollout.agent.split(separator: "/").first.map(String.init) == agent
        }
    }

    /// The lines of rollouts.
    public struct Lines: Sendable, Hashable {
        /// The lines, without their ends.
        public var lines: [String] = []
        /// How many rollouts are no line because nobody knows their right answer.
        public var withoutReference = 0
    }

    /// Writes rollouts.
    ///
    /// Determinism: a pure function of its arguments.
    ///
    /// - Parameters:
    ///   - rollouts: the rollouts.
    ///   - index: the number of the first line.
    ///   - options: what can be said about the data set.
    /// - Returns: a line for each rollout that is wanted and can be written.
    public func lines(of rollouts: [Rollout], from index: Int = 0, _ options: Options = Options()) -> Lines {
        var written = Lines()
        for rollout in rollouts where options.wants(rollout) {
            switch self {
            case .trl: written.lines.append(TRLRecord.document(rollout).text)
            case .verl:
                let document = VerlRecord.document(
                    rollout, index: index + written.lines.count, dataSource: options.dataSource,
                    ability: options.ability, split: options.split)
                if let document { written.lines.append(document.text) } else { written.withoutReference += 1 }
            }
        }
        return written
    }
}
