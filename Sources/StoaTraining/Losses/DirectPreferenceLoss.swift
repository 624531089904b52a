internal import StoaLearning

/// `dpo`: one completion is better than another.
///
/// Options: `beta` (0.1), `label_smoothing` (0), and `rpo_alpha` (0), which adds the chosen completion's likelihood.
struct DirectPreferenceLoss: TrainingLoss {
    static let name = "dpo"
    static let comparesSides = true
    private let loss: PreferenceLoss

    init(_ options: LossOptions) throws(TrainingError) {
        try options.allow("beta", "label_smoothing", "rpo_alpha")
        let smoothing = try options.number(
            "label_smoothing", default: 0, expected: "a number from 0 to less than 0.5"
        ) { (0..<0.5).contains($0) }
        loss = PreferenceLoss(
            beta: try options.beta(), kind: .sigmoid(labelSmoothing: smoothing),
            likelihoodWeight: try options.number("rpo_alpha", default: 0, expected: "a number from 0 on") { $0 >= 0 })
    }

    func objective(of batch: [LossExample]) -> any Objective { PreferenceObjective(loss, of: batch) }
}

extension LossOptions {
    /// How strongly preferences are held to their reference.
    func beta() throws(TrainingError) -> Double {
        try number("beta", default: 0.1, expected: "a number above 0") { $0 > 0 }
    }
}

extension PreferenceObjective {
    /// The objective of a step whose examples have both sides.
    init(_ loss: PreferenceLoss, of batch: [LossExample]) {
        self.init(
            loss, references: batch.map { Reference(chosen: $0.reference[0], rejected: $0.reference[1]) },
            weights: batch.map(\.weight))
    }
}
