/// One sequence of an update, position by position: what the loss needs of it.
///
/// Shape: all arrays [T]. At a position that the mask leaves out the numbers do not matter, whatever they are.
public struct PolicyRow: Sendable, Hashable {
    /// Log-probabilities under the policy that is trained.
    public let logProbabilities: [Double]
    /// Log-probabilities under the policy that sampled.
    public let behaviour: [Double]
    /// Log-probabilities under the reference policy; nil where there is none.
    public let reference: [Double]?
    /// Advantages.
    public let advantages: [Double]
    /// Factors of the tokens' losses.
    public let weights: [Double]
    /// Which positions count.
    public let mask: [Bool]

    /// Creates a row.
    ///
    /// - Parameters:
    ///   - logProbabilities: log-probabilities under the policy that is trained.
    ///   - behaviour: log-probabilities under the policy that sampled.
    ///   - advantages: advantages.
    ///   - mask: which positions count.
    ///   - weights: factors of the tokens' losses; nil for 1.
    ///   - reference: log-probabilities under the reference policy.
    /// - Throws: `LearningError.lengthMismatch`.
    public init(
        logProbabilities: [Double], behaviour: [Double], advantages: [Double], mask: [Bool],
        weights: [Double]? = nil, reference: [Double]? = nil
    ) throws(LearningError) {
        let count = mask.count
        let parts = [
            ("log-probabilities", logProbabilities.count), ("behaviour log-probabilities", behaviour.count),
            ("advantages", advantages.count), ("weights", weights?.count ?? count),
            ("reference log-probabilities", reference?.count ?? count),
        ]
        for (name, found) in parts where found != count {
            throw .lengthMismatch(name, in: "row of an update", expected: count, found: found)
        }
        self.logProbabilities = logProbabilities
        self.behaviour = behaviour
        self.advantages = advantages
        self.mask = mask
        self.weights = weights ?? Array(repeating: 1, count: count)
        self.reference = reference
    }

    /// Creates the row of a trajectory: the mask is that of the model's tokens, and of none for the weight 0.
    ///
    /// - Parameters:
    ///   - trajectory: the trajectory, with the log-probabilities of its sampling.
    ///   - logProbabilities: log-probabilities of all its tokens under the policy that is trained. Shape: [T].
    ///   - advantage: its advantage, for all tokens.
    ///   - weight: the factor of its loss.
    ///   - reference: log-probabilities under the reference policy. Shape: [T].
    /// - Throws: `LearningError`.
    public init(
        _ trajectory: Trajectory, logProbabilities: [Double], advantage: Double, weight: Double = 1,
        reference: [Double]? = nil
    ) throws(LearningError) {
        let count = trajectory.tokens.count
        try self.init(
            logProbabilities: logProbabilities, behaviour: try trajectory.behaviourByPosition(),
            advantages: Array(repeating: advantage, count: count),
            mask: weight == 0 ? Array(repeating: false, count: count) : trajectory.mask,
            weights: Array(repeating: weight, count: count), reference: reference)
    }
}
