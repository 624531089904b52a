public import OrderedCollections

/// How an adapter is trained.
public struct TrainingSettings: Sendable, Hashable {
    /// The loss, by the name under which trainers know it: `sft`, `dpo`, `ipo`.
    public var loss: String
    /// What the loss can be told, by name, such as `beta` and `label_smoothing`.
    public var options: JSONValue.Members
    /// The rank of a new adapter; one that is gone on from has its own.
    public var rank: Int
    /// Divided by the rank: what the adapter's part is multiplied by.
    public var alpha: Double
    /// The matrices that a new adapter adapts, by PEFT's short names such as `q_proj`; empty for all of a layer.
    public var targets: [String]
    /// The greatest step size.
    public var learningRate: Double
    /// What the step size does over the run: `constant`, `linear` or `cosine`.
    public var schedule: String
    /// The part of the steps over which the step size grows from 0.
    public var warmup: Double
    /// How often each example is seen; a part of an epoch ends in the middle of one.
    public var epochs: Double
    /// Examples of a step.
    public var batch: Int
    /// The most tokens of one side of an example; longer examples are left out and counted.
    public var maximumTokens: Int
    /// Decoupled weight decay.
    public var weightDecay: Double
    /// The greatest norm of a step's gradients; nil for no bound.
    public var maximumGradientNorm: Double?
    /// How matrix products are rounded: `bf16` or `fp32`.
    public var precision: String

    /// The defaults.
    public init(
        loss: String = "sft", options: JSONValue.Members = [:], rank: Int = 16, alpha: Double = 32,
        targets: [String] = [], learningRate: Double = 2e-4, schedule: String = "cosine", warmup: Double = 0.05,
        epochs: Double = 1, batch: Int = 16, maximumTokens: Int = 1024, weightDecay: Double = 0,
        maximumGradientNorm: Double? = 1, precision: String = "bf16"
    ) {
        self.loss = loss
        self.options = options
        self.rank = rank
        self.alpha = alpha
        self.targets = targets
        self.learningRate = learningRate
        self.schedule = schedule
        self.warmup = warmup
        self.epochs = epochs
        self.batch = batch
        self.maximumTokens = maximumTokens
        self.weightDecay = weightDecay
        self.maximumGradientNorm = maximumGradientNorm
        self.precision = precision
    }
}
