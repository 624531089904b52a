public import StoaCore

/// The tokens that stand before the place to be sampled.
public struct TokenHistory: Sendable {
    /// What the model was given.
    public var prompt: [TokenID]
    /// What was sampled since, in order.
    public var generated: [TokenID]

    /// Creates a history.
    ///
    /// - Parameters:
    ///   - prompt: what the model was given.
    ///   - generated: what was sampled since.
    public init(prompt: [TokenID] = [], generated: [TokenID] = []) {
        self.prompt = prompt
        self.generated = generated
    }
}
