internal import OrderedCollections

/// How well problems of one kind are solved, beside those of the other kinds.
public struct StratumTable: Sendable, Hashable {
    /// The problems that share a value.
    public struct Row: Sendable, Hashable {
        /// The value.
        public var value: String
        /// How many problems have it.
        public var problems: Int
        /// Their mean score.
        public var accuracy: Double
        /// Its interval.
        public var interval: ConfidenceInterval
    }

    /// The field of the problems.
    public var field: String
    /// A row per value, in the order of the values: numbers by size, words by letter.
    public var rows: [Row]

    /// Sorts problems by a field.
    ///
    /// - Parameters:
    ///   - field: the field.
    ///   - scores: for each problem its value of the field and the scores of its tries.
    ///   - level: how often an interval holds the true mean.
    public init(field: String, scores: [(value: String, scores: [Double])], level: Double = 0.95) {
        self.field = field
        var groups: OrderedDictionary<String, [[Double]]> = [:]
        for (value, scores) in scores { groups[value, default: []].append(scores) }
        rows = groups.map { value, clusters in
            Row(
                value: value, problems: clusters.count, accuracy: ClusteredError(clusters).mean,
                interval: WilsonInterval.interval(clusters: clusters, level: level))
        }
        .sorted { first, second in
            if let one = Double(first.value), let other = Double(second.value), one != other { return one < other }
            return first.value < second.value
        }
    }
}
