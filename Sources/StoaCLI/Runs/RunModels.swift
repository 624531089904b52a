internal import StoaCore

/// The models of a run, and what trains them.
struct RunModels: Sendable {
    /// The models by the plan's names.
    var models: [String: any LanguageModel]
    /// What trains those that some step trains, by the same names.
    var trainers: [String: any PolicyTrainer] = [:]
}
