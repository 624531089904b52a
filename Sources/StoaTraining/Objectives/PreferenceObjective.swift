public import StoaLearning

/// Preferences: each group is a chosen and a rejected sequence behind one prompt, `PreferenceLoss` over each.
///
/// The loss is the mean over pairs, weighted.
public struct PreferenceObjective: Objective {
    /// Sums of log-probabilities under the reference.
    public struct Reference: Sendable, Hashable {
        /// Of the chosen completion.
        public var chosen: Double
        /// Of the rejected completion.
        public var rejected: Double

        /// Creates a pair of sums.
        ///
        /// - Parameters:
        ///   - chosen: of the chosen completion.
        ///   - rejected: of the rejected completion.
        public init(chosen: Double, rejected: Double) {
            self.chosen = chosen
            self.rejected = rejected
        }
    }

    private let loss: PreferenceLoss
    private let references: [Reference]
    /// What each pair's loss is multiplied by: they add up to 1.
    private let shares: [Double]

    /// Creates the objective of a step.
    ///
    /// - Parameters:
    ///   - loss: the loss of a pair.
    ///   - references: sums under the reference, one for each pair of the step.
    ///   - weights: one for each pair, none negative; nil for 1.
    public init(_ loss: PreferenceLoss = PreferenceLoss(), references: [Reference], weights: [Double]? = nil) {
        self.loss = loss
        self.references = references
        let weights = weights ?? references.map { _ in 1 }
        let sum = weights.reduce(0, +)
        shares = weights.map { sum > 0 ? $0 / sum : 0 }
    }

    /// The loss of one pair.
    public func value(of logProbabilities: [[Double]], group: Int) -> ObjectiveValue {
        precondition(logProbabilities.count == 2, "a preference is a chosen and a rejected sequence")
        let (chosen, rejected) = (logProbabilities[0], logProbabilities[1])
        let share = shares[group]
        // A pair without weight is absent, also where its log-probabilities are no numbers.
        guard share > 0 else {
            return ObjectiveValue(loss: 0, derivatives: logProbabilities.map { $0.map { _ in 0 } })
        }
        let value = loss.value(
            chosen: .init(
                logProbability: chosen.reduce(0, +), reference: references[group].chosen, length: chosen.count),
            rejected: .init(
                logProbability: rejected.reduce(0, +), reference: references[group].rejected, length: rejected.count))
        return ObjectiveValue(
            loss: share * value.loss,
            derivatives: [
                chosen.map { _ in share * value.chosenDerivative },
                rejected.map { _ in share * value.rejectedDerivative },
            ],
            figures: [
                "margin": share * value.margin, "accuracy": value.isRight ? share : 0,
                "chosen_reward": share * value.chosenReward, "rejected_reward": share * value.rejectedReward,
            ])
    }
}
