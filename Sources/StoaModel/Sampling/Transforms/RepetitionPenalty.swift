/// Makes every token of the prompt and the text so far less likely, once, however often it occurs.
///
/// Positive logits are divided by the penalty, negative ones multiplied.
///
/// Source: arXiv:1909.05858 §4.1 (CTRL); prompt included, as transformers and vLLM do.
package struct RepetitionPenalty: SamplerTransform {
    let penalty: Float

    /// Creates the step.
    ///
    /// - Parameter penalty: above 0; 1 changes nothing, below 1 rewards repetition.
    package init(penalty: Double) { self.penalty = Float(penalty) }

    package var isActive: Bool { penalty != 1 }

    package func apply(to row: LogitRow, context: SamplingContext) {
        row.edit { values in
            row.forEachOccurrence(in: context.history.prompt, context.history.generated) { id, _ in
                values[id] = values[id] > 0 ? values[id] / penalty : values[id] * penalty
            }
        }
    }
}
