public import StoaCore

/// How a run is replayed.
public enum ReplayMode: String, Sendable, Hashable, CaseIterable {
    /// It is shown as it was; nothing is executed.
    case trace
    /// The orchestration is executed again, with every effect's result taken from the record.
    case strict
    /// As strict, and the engine computes every call again.
    case recompute
    /// As strict, and the tools are called again.
    case tools
}

/// What a replay found.
public struct ReplayReport: Sendable {
    /// A place where the replay differs from the record.
    public struct Divergence: Sendable, Hashable {
        /// The number of the recorded event; of the last one before it where the record has none.
        public var sequence: Int
        /// Where it differs: the event's key, and the place in its payload, as in
        /// `plan@planner#0.0/message_posted: content.text`.
        public var path: String
        /// What the record has there; nil where it has nothing.
        public var recorded: JSONValue?
        /// What the replay has there; nil where it has nothing.
        public var replayed: JSONValue?

        /// Creates a divergence.
        public init(sequence: Int, path: String, recorded: JSONValue?, replayed: JSONValue?) {
            self.sequence = sequence
            self.path = path
            self.recorded = recorded
            self.replayed = replayed
        }
    }

    /// The run.
    public var run: RunID
    /// How it was replayed.
    public var mode: ReplayMode
    /// Whether nothing differs.
    public var isIdentical: Bool { firstDivergence == nil }
    /// Logical events in the record.
    public var events: Int
    /// Events, and in `recompute` also calls, that were compared.
    public var compared: Int
    /// Calls that could not be computed again: those of remote models.
    public var skipped: Int
    /// The difference with the lowest sequence number; nil where there is none.
    public var firstDivergence: Divergence?

    /// Creates a report.
    public init(
        run: RunID, mode: ReplayMode, events: Int, compared: Int, skipped: Int, firstDivergence: Divergence?
    ) {
        self.run = run
        self.mode = mode
        self.events = events
        self.compared = compared
        self.skipped = skipped
        self.firstDivergence = firstDivergence
    }
}
