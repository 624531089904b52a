internal import StoaCore

/// Feeds inputs once and keeps what was asked for (E1): hidden states, logits, residual streams.
final class ProbeDriver: SequenceDriver {
    private var demand: Demand?
    private(set) var rows: [ProbeRow] = []

    init(inputs: [ModelInput], outputs: OutputRequest, positions: [Int32]?, mask: AttentionMask?) {
        demand = Demand(inputs: inputs, origin: .prompt, outputs: outputs, positions: positions, mask: mask)
    }

    func next() -> Demand? {
        defer { demand = nil }
        return demand
    }

    func receive(_ output: RowOutput) {
        rows.append(
            ProbeRow(
                row: output.row, hidden: output.hidden.map { Array($0) }, logits: output.logits.map { Array($0) },
                residuals: output.residuals, attention: output.attention))
    }
}

/// What a probe kept of one input.
package struct ProbeRow: Sendable, Hashable {
    /// The input's index.
    package var row: Int
    /// The hidden state after the final norm, [width].
    package var hidden: [Float]?
    /// The logits, [vocabulary].
    package var logits: [Float]?
    /// The residual stream after each requested slot, [width] each.
    package var residuals: [[Float]]
    /// The attention paid to each row of the cache up to the input's own, summed over all heads and slots.
    package var attention: [Double]
}
