public import StoaCore

/// How a run ended or stopped.
public struct RunOutcome: Sendable {
    /// What one agent did, all its instances together.
    public struct AgentReport: Sendable, Hashable {
        /// The agent's name in the playbook.
        public var agent: String
        /// What it spent.
        public var spending: Spending

        /// Creates a report.
        public init(agent: String, spending: Spending) {
            self.agent = agent
            self.spending = spending
        }
    }

    /// The run.
    public var run: RunID
    /// How it ended.
    public var status: RunStatus
    /// Its answer; nil where it has none.
    public var answer: String?
    /// How long it took, stops left out.
    public var duration: Duration
    /// What it spent.
    public var spending: Spending
    /// What each agent did, in the order of the playbook.
    public var agents: [AgentReport]
    /// The models it used, by the plan's names.
    public var models: [String: ModelIdentity]
    /// Its seed.
    public var seed: UInt64
    /// The limit that ended it.
    public var limit: LimitReached?
    /// What it waits for: the question, and the key of the work, for `resume --approve`.
    public var pending: PendingDecision?
    /// The error that ended it.
    public var failure: (any StoaError)?
}

/// A decision that a run waits for.
public struct PendingDecision: Sendable, Hashable {
    /// The work that waits.
    public var effect: EffectKey
    /// What a person is asked.
    public var question: String
    /// Whether it is the approval of a tool call.
    public var isApproval: Bool

    /// Creates a pending decision.
    public init(effect: EffectKey, question: String, isApproval: Bool) {
        self.effect = effect
        self.question = question
        self.isApproval = isApproval
    }
}

/// A person's word on a run that waits for one.
public enum PersonDecision: Sendable, Hashable {
    /// The waiting tool call may be made.
    case approve(EffectKey)
    /// The waiting tool call is refused.
    case deny(EffectKey)
    /// The answer to the waiting question.
    case answer(EffectKey, String)
}
