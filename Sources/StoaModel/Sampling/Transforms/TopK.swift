/// Keeps the k most probable tokens.
///
/// Differs from transformers: exactly k tokens are kept; of several with the logit of the last place, the lower ids.
package struct TopK: SamplerTransform {
    let k: Int

    /// Creates the step.
    ///
    /// - Parameter k: how many tokens to keep; 0 keeps all.
    package init(k: Int) { self.k = k }

    package var isActive: Bool { k > 0 }

    package func apply(to row: LogitRow, context: SamplingContext) { row.keepHighest(k) }
}
