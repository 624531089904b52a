/// Lowers the logit of a token for every time it was generated so far; the prompt does not count.
///
/// Source: the OpenAI API's `frequency_penalty`; vLLM counts in the same way.
package struct FrequencyPenalty: SamplerTransform {
    let penalty: Float

    /// Creates the step.
    ///
    /// - Parameter penalty: subtracted per occurrence; negative values encourage repetition.
    package init(penalty: Double) { self.penalty = Float(penalty) }

    package var isActive: Bool { penalty != 0 }

    package func apply(to row: LogitRow, context: SamplingContext) {
        row.edit { values in
            row.forEachOccurrence(in: context.history.generated) { id, times in
                values[id] -= penalty * Float(times)
            }
        }
    }
}
