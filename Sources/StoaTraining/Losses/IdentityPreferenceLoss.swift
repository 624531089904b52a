internal import StoaLearning

/// `ipo`: one completion is better than another, by no more than a bounded distance.
///
/// Options: `beta` (0.1).
struct IdentityPreferenceLoss: TrainingLoss {
    static let name = "ipo"
    static let comparesSides = true
    private let loss: PreferenceLoss

    init(_ options: LossOptions) throws(TrainingError) {
        try options.allow("beta")
        loss = PreferenceLoss(beta: try options.beta(), kind: .ipo)
    }

    func objective(of batch: [LossExample]) -> any Objective { PreferenceObjective(loss, of: batch) }
}
