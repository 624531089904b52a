public import StoaLearning

/// Policy gradients of the GRPO family: each group is one rollout, `PolicyObjective` over all of them.
///
/// A rollout's `PolicyRow` has an entry for each scored token of its sequence, in order; the row's own log-probabilities
/// are replaced by those that the trainer finds.
public struct PolicyGradientObjective: Objective {
    private let objective: PolicyObjective
    private let rows: [PolicyRow]
    private let factors: [Double]
    private let tokens: Double

    /// Creates the objective of a step.
    ///
    /// - Parameters:
    ///   - objective: the loss of an update.
    ///   - rows: what is known of each group's scored tokens: who sampled them, advantages, weights, mask.
    ///   - batch: the groups of the step.
    /// - Throws: `LearningError` where a row has another length than its group's scored tokens, or lacks a reference.
    public init(
        _ objective: PolicyObjective, rows: [PolicyRow], of batch: [TrainingGroup]
    ) throws(LearningError) {
        guard rows.count == batch.count else {
            throw LearningError(
                .lengthMismatch, "policy update: expected \(batch.count) rows, found \(rows.count)")
        }
        for (index, (row, group)) in zip(rows, batch).enumerated() {
            let expected = group.sequences.reduce(0) { $0 + $1.scoredCount }
            guard group.sequences.count == 1, row.mask.count == expected else {
                throw LearningError(
                    .lengthMismatch,
                    "row \(index) of an update: expected one sequence with \(expected) scored tokens, "
                        + "found \(group.sequences.count) with \(row.mask.count)")
            }
            try objective.requireReference(of: row, index: index)
        }
        self.objective = objective
        self.rows = rows
        let counts = rows.map { $0.mask.count { $0 } }
        factors = objective.factors(tokens: counts)
        tokens = Double(max(1, counts.reduce(0, +)))
    }

    /// The loss of one rollout.
    public func value(of logProbabilities: [[Double]], group: Int) -> ObjectiveValue {
        let known = rows[group]
        guard
            let row = try? PolicyRow(
                logProbabilities: logProbabilities[0], behaviour: known.behaviour, advantages: known.advantages,
                mask: known.mask, weights: known.weights, reference: known.reference)
        else { preconditionFailure("a rollout has as many log-probabilities as scored tokens") }
        let value = objective.value(of: row, factor: factors[group])
        return ObjectiveValue(
            loss: known.mask.contains(true) ? value.loss : 0, derivatives: [value.derivatives],
            figures: ["clipped_fraction": Double(value.clipped) / tokens, "kl": value.kl / tokens])
    }
}
