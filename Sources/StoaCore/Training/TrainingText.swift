/// What a model is given, and what it is to say behind it.
public enum TrainingText: Sendable, Hashable {
    /// Token ids, as a model read and wrote them: they are trained on as they are.
    ///
    /// The completion holds the end of the turn where the model wrote it.
    case tokens(prompt: [TokenID], completion: [TokenID])
    /// Words that no model of this run wrote: rendered by the model's own chat template, the end of the turn added.
    case words(messages: [ChatMessage], completion: String)
}

/// One thing to be learned: a completion, or a completion that is better than another.
public struct TrainingExample: Sendable, Hashable {
    /// What is to be said.
    public var chosen: TrainingText
    /// What is not to be said; nil where nothing is compared.
    public var rejected: TrainingText?
    /// How much it counts, from 0 on.
    public var weight: Double

    /// Creates an example.
    ///
    /// - Parameters:
    ///   - chosen: what is to be said.
    ///   - rejected: what is not to be said.
    ///   - weight: how much it counts; 0 is as if it were not there.
    public init(chosen: TrainingText, rejected: TrainingText? = nil, weight: Double = 1) {
        self.chosen = chosen
        self.rejected = rejected
        self.weight = weight
    }
}
