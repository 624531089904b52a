package import StoaCore

/// The losses that requests can ask for.
package enum TrainingLosses {
    /// All of them.
    package static let all: [any TrainingLoss.Type] = [
        SupervisedLoss.self, DirectPreferenceLoss.self, IdentityPreferenceLoss.self,
    ]

    /// Finds a loss and reads its options.
    ///
    /// - Parameter settings: the request's settings.
    /// - Returns: the loss.
    /// - Throws: `TrainingError` for a name or an option that nobody knows, or a value out of its range.
    package static func loss(for settings: TrainingSettings) throws(TrainingError) -> any TrainingLoss {
        guard let type = all.first(where: { $0.name == settings.loss }) else {
            throw TrainingError(
                .invalidConfiguration, kind: .usage,
                "training loss: expected \(all.map { $0.name }.joined(separator: ", ")), found \"\(settings.loss)\"")
        }
        let options = LossOptions(settings.options, of: type.name)
        return try type.init(options)
    }
}
