public import StoaCore

/// Is told what happens in a run, as it happens; decides nothing.
public protocol RunObserver: Sendable {
    /// Takes note of something; called on any thread, in any order between agents; must not wait.
    func observe(_ update: RunUpdate)
}

/// Something that happens in a run.
public struct RunUpdate: Sendable {
    /// What it is.
    public enum Change: Sendable {
        /// The run begins, or goes on after a stop.
        case started(playbook: String, seed: UInt64, resumed: Bool)
        /// An agent begins a piece of work: `say`, `think`, `call`, `verify` or `ask`, or its model is trained: `train`.
        case working(activity: String)
        /// A model reports; for a reply that was recorded, its whole text at once.
        case progress(ModelProgress)
        /// An adapter is being trained: the step that was taken.
        case training(TrainingProgress)
        /// An agent ends a piece of work.
        case worked(usage: Usage, duration: Duration, isRecorded: Bool)
        /// A message was posted.
        case posted(Message)
        /// A choice, a condition or the end of a loop: what was decided, in words.
        case decided(String)
        /// An agent failed and is started again.
        case restarted(reason: String, attempt: Int)
        /// A limit was reached.
        case limit(LimitReached)
        /// An event went into the journal, under a number.
        case recorded(sequence: Int, event: Event, observation: Observation)
        /// The run's spending so far, and the budget it has.
        case spending(Spending, budget: Budget)
        /// The run ended or stopped.
        case ended(RunStatus)
    }

    /// The run.
    public var run: RunID
    /// The work it belongs to; nil for the run itself.
    public var effect: EffectKey?
    /// What happens.
    public var change: Change

    /// Creates an update.
    public init(run: RunID, effect: EffectKey? = nil, change: Change) {
        self.run = run
        self.effect = effect
        self.change = change
    }
}

/// An observer that looks away.
public struct NoObserver: RunObserver {
    /// Creates it.
    public init() {}
    /// Does nothing.
    public func observe(_ update: RunUpdate) {}
}
