/// An example as a run names it: ready to be learned but for the tokens of recorded calls.
///
/// These are read where the training begins, so that following a record reads none.
public struct TrainingSource: Sendable, Hashable {
    /// What is to be said, or not.
    public enum Side: Sendable, Hashable {
        /// What a model of the run said in a call.
        case sample(EffectKey)
        /// Words, behind a conversation.
        case words([ChatMessage], completion: String)
    }

    /// What is to be said.
    public var chosen: Side
    /// What is not to be said; nil where nothing is compared.
    public var rejected: Side?
    /// How much it counts, from 0 on.
    public var weight: Double

    /// Names an example.
    ///
    /// - Parameters:
    ///   - chosen: what is to be said.
    ///   - rejected: what is not to be said.
    ///   - weight: how much it counts.
    public init(chosen: Side, rejected: Side? = nil, weight: Double = 1) {
        self.chosen = chosen
        self.rejected = rejected
        self.weight = weight
    }
}

/// A training that a run finished, and what was learned in it.
public struct RecordedTraining: Sendable, Hashable {
    /// The training's name in its run.
    public var key: EffectKey
    /// The plan's name for the model that was trained.
    public var model: String
    /// What was learned.
    public var sources: [TrainingSource]
    /// The adapter that came of it.
    public var adapter: AdapterReference

    /// Describes a training.
    ///
    /// - Parameters:
    ///   - key: the training's name in its run.
    ///   - model: the plan's name for the model that was trained.
    ///   - sources: what was learned.
    ///   - adapter: the adapter that came of it.
    public init(key: EffectKey, model: String, sources: [TrainingSource], adapter: AdapterReference) {
        self.key = key
        self.model = model
        self.sources = sources
        self.adapter = adapter
    }
}
