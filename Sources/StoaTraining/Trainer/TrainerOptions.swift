internal import StoaCore

/// How a model is trained.
public struct TrainerOptions: Sendable {
    /// Kernel threads.
    public var threads = 2
    /// How matrix products are rounded.
    public var precision: MatrixPrecision = .float32
    /// What is kept for the backward pass.
    public var activations: ActivationPolicy = .keep
    /// The most logits that are kept for the backward pass; the others are computed again.
    public var keptLogits = 8 << 20
    /// Rows of a micro-batch: a step of more accumulates gradients over several.
    public var rows = 512
    /// The optimiser.
    public var optimiser = AdamW()
    /// What the learning rate does over the run.
    public var schedule: any LearningRateSchedule = ConstantSchedule()
    /// The steps of the whole run, for the schedule.
    public var totalSteps = 1
    /// The greatest norm of a step's gradients; nil for no bound.
    public var maximumGradientNorm: Double? = 1
    /// Where the numbers of a new adapter come from.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    func validate() throws(TrainingError) {
        let least: [(name: String, value: Int, bound: Int)] = [
            ("threads", threads, 1), ("rows of a micro-batch", rows, 1), ("steps of the run", totalSteps, 1),
            ("kept logits", keptLogits, 0),
        ]
        for (name, value, bound) in least where value < bound {
            throw TrainingError(
                .invalidConfiguration, kind: .usage, "\(name): expected at least \(bound), found \(value)")
        }
        let rates = [("learning rate", optimiser.learningRate), ("weight decay", optimiser.weightDecay)]
        for (name, value) in rates where !(value.isFinite && value >= 0) {
            throw TrainingError(
                .invalidConfiguration, kind: .usage, "\(name): expected a number from 0 on, found \(value)")
        }
    }
}
