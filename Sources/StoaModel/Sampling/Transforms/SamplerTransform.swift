/// One step between a model's logits and the choice of a token.
///
/// A transform either edits logits or takes tokens out of the running. It is a pure function of the row and the
/// context; it never adds a token back that another one removed.
package protocol SamplerTransform: Sendable {
    /// Whether the step can change anything; steps that cannot are left out of a sampler.
    var isActive: Bool { get }

    /// Performs the step.
    ///
    /// - Parameters:
    ///   - row: the logits and the candidates; at least one logit is finite when the step begins.
    ///   - context: what the step may depend on.
    func apply(to row: LogitRow, context: SamplingContext)
}

/// What a transform may depend on, besides the logits.
package struct SamplingContext: Sendable {
    /// The tokens before the place.
    package let history: TokenHistory
    /// The tokens that a constraint allows; nil for all.
    package let mask: TokenMask?

    /// Creates a context.
    ///
    /// - Parameters:
    ///   - history: the tokens before the place.
    ///   - mask: the tokens that a constraint allows; nil for all.
    package init(history: TokenHistory = TokenHistory(), mask: TokenMask? = nil) {
        self.history = history
        self.mask = mask
    }
}
