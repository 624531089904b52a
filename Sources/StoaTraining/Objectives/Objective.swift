/// A loss as a pure function of log-probabilities: everything that sets one way of training apart from another.
///
/// The trainer brings the log-probabilities of one group's scored tokens and takes back the derivatives; it sums losses and
/// gradients over groups, so what a loss is divided by (tokens, pairs, weights) is a constant of the objective.
public protocol Objective: Sendable {
    /// The loss of one group.
    ///
    /// - Parameters:
    ///   - logProbabilities: for each sequence of the group those of its scored tokens, in order.
    ///   - group: the group's index in the batch that the step was given.
    /// - Returns: the group's part of the loss, and its derivatives.
    func value(of logProbabilities: [[Double]], group: Int) -> ObjectiveValue
}

/// A loss with its derivatives.
public struct ObjectiveValue: Sendable, Hashable {
    /// The loss.
    public var loss: Double
    /// d loss / d log-probability, for each sequence as many as it has scored tokens.
    public var derivatives: [[Double]]
    /// Other figures by name; the trainer adds them up over groups.
    public var figures: [String: Double]

    /// Creates a value.
    ///
    /// - Parameters:
    ///   - loss: the loss.
    ///   - derivatives: for each sequence as many as it has scored tokens.
    ///   - figures: other figures by name.
    public init(loss: Double, derivatives: [[Double]], figures: [String: Double] = [:]) {
        self.loss = loss
        self.derivatives = derivatives
        self.figures = figures
    }
}
