internal import StoaLearning

/// `sft`: completions are to be said.
///
/// Options: `normalisation`, what a step's sum is divided by: `tokens` (the default), `weights` or `count`.
struct SupervisedLoss: TrainingLoss {
    static let name = "sft"
    static let comparesSides = false
    private let loss: LikelihoodLoss

    init(_ options: LossOptions) throws(TrainingError) {
        try options.allow("normalisation")
        loss = LikelihoodLoss(norm: try options.word("normalisation", default: LikelihoodLoss.Norm.tokens))
    }

    var countsWeightless: Bool { loss.norm == .count }

    func objective(of batch: [LossExample]) -> any Objective {
        LikelihoodObjective(loss, of: batch.map(\.group), weights: batch.map(\.weight))
    }
}
