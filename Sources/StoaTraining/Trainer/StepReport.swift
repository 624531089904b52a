/// What one step of training came to.
public struct StepReport: Sendable, Hashable {
    /// The step, from 0.
    public let step: Int
    /// The loss before the step.
    public let loss: Double
    /// The norm of all gradients before clipping.
    public let gradientNorm: Double
    /// The learning rate of the step.
    public let learningRate: Double
    /// Whether the step was left out because a gradient or the loss was not a number.
    public let isSkipped: Bool
    /// Steps left out so far.
    public let skippedSteps: Int
    /// Tokens that went through the model.
    public let tokens: Int
    /// Tokens whose log-probability counted.
    public let scoredTokens: Int
    /// The figures of the objective, added up over groups.
    public let figures: [String: Double]
}
