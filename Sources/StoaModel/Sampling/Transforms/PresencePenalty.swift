/// Lowers the logit of every token generated so far, once; the prompt does not count.
///
/// Source: the OpenAI API's `presence_penalty`; vLLM counts in the same way.
package struct PresencePenalty: SamplerTransform {
    let penalty: Float

    /// Creates the step.
    ///
    /// - Parameter penalty: subtracted once; negative values encourage repetition.
    package init(penalty: Double) { self.penalty = Float(penalty) }

    package var isActive: Bool { penalty != 0 }

    package func apply(to row: LogitRow, context: SamplingContext) {
        row.edit { values in
            row.forEachOccurrence(in: context.history.generated) { id, _ in values[id] -= penalty }
        }
    }
}
