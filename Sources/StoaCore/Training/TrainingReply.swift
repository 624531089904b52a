/// What training came to.
public struct TrainingReply: Sendable, Hashable {
    /// The adapter, which the trainer's store holds.
    public var adapter: AdapterReference
    /// The loss of each step, before it.
    public var losses: [Double]
    /// Other figures of the last step by name, such as `margin` and `accuracy` of preferences.
    public var figures: [String: Double]
    /// Tokens that went through the model, for every epoch anew.
    public var tokens: Int
    /// Of these, the tokens that were learned.
    public var scoredTokens: Int
    /// Examples that were left out because they are too long.
    public var leftOut: Int
    /// How long it took.
    public var duration: Duration

    /// Describes what training came to.
    ///
    /// - Parameters:
    ///   - adapter: the adapter.
    ///   - losses: the loss of each step, before it.
    ///   - figures: other figures of the last step.
    ///   - tokens: tokens that went through the model.
    ///   - scoredTokens: of these, the tokens that were learned.
    ///   - leftOut: examples that were left out.
    ///   - duration: how long it took.
    public init(
        adapter: AdapterReference, losses: [Double], figures: [String: Double] = [:], tokens: Int, scoredTokens: Int,
        leftOut: Int = 0, duration: Duration = .zero
    ) {
        self.adapter = adapter
        self.losses = losses
        self.figures = figures
        self.tokens = tokens
        self.scoredTokens = scoredTokens
        self.leftOut = leftOut
        self.duration = duration
    }
}

/// What a trainer reports while it works.
public struct TrainingProgress: Sendable, Hashable {
    /// Steps that were taken.
    public var step: Int
    /// Steps of the whole training.
    public var steps: Int
    /// The loss of the last step.
    public var loss: Double
    /// Its step size.
    public var learningRate: Double

    /// Creates a report.
    ///
    /// - Parameters:
    ///   - step: steps that were taken.
    ///   - steps: steps of the whole training.
    ///   - loss: the loss of the last step.
    ///   - learningRate: its step size.
    public init(step: Int, steps: Int, loss: Double, learningRate: Double) {
        self.step = step
        self.steps = steps
        self.loss = loss
        self.learningRate = learningRate
    }
}
