public import StoaLearning

/// Supervised training, plain or weighted: `LikelihoodLoss` over the groups of a step, however they are cut into parts.
public struct LikelihoodObjective: Objective {
    private let loss: LikelihoodLoss
    /// A weight for each group.
    private let weights: [Double]
    private let divisor: Double

    /// Creates the objective of a step.
    ///
    /// - Parameters:
    ///   - loss: the loss.
    ///   - batch: the groups of the step.
    ///   - weights: one for each group, none negative; nil for 1.
    public init(_ loss: LikelihoodLoss = LikelihoodLoss(), of batch: [TrainingGroup], weights: [Double]? = nil) {
        self.loss = loss
        self.weights = weights ?? batch.map { _ in 1 }
        divisor = loss.divisor(
            of: zip(self.weights, batch).map { weight, group in
                (weight, group.sequences.reduce(0) { $0 + $1.scoredCount })
            })
    }

    /// The mean over all scored tokens: what trainers of language models report.
    ///
    /// - Parameter batch: the groups of the step.
    /// - Returns: an objective for exactly these groups.
    public static func tokenMean(_ batch: [TrainingGroup]) -> LikelihoodObjective {
        LikelihoodObjective(LikelihoodLoss(norm: .tokens), of: batch)
    }

    /// The loss of one group.
    public func value(of logProbabilities: [[Double]], group: Int) -> ObjectiveValue {
        var value = ObjectiveValue(loss: 0, derivatives: [])
        for sequence in logProbabilities {
            let part = loss.value(
                of: LikelihoodLoss.Sequence(
                    logProbabilities: sequence, mask: sequence.map { _ in true }, weight: weights[group]),
                divisor: divisor)
            value.loss += part.loss
            value.derivatives.append(part.derivatives)
        }
        return value
    }
}
