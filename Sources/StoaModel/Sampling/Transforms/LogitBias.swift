package import StoaCore

/// Adds a number to the logits of single tokens.
package struct LogitBias: SamplerTransform {
    /// In ascending order of id.
    let biases: [(id: TokenID, bias: Float)]

    /// Creates the step.
    ///
    /// - Parameter biases: what to add, by token; every token lies in the vocabulary.
    package init(_ biases: [TokenID: Double]) {
        self.biases = biases.sorted { $0.key < $1.key }.map { ($0.key, Float($0.value)) }
    }

    package var isActive: Bool { !biases.isEmpty }

    package func apply(to row: LogitRow, context: SamplingContext) {
        row.edit { values in
            for (id, bias) in biases { values[id.index] += bias }
        }
    }
}
