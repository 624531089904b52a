private import StoaCore

/// Keeps the fewest most probable tokens whose probabilities add up to at least p: nucleus sampling.
///
/// At least one token is kept; among equal logits the lower ids come first. Probabilities are relative to what the steps
/// before have left.
///
/// Source: arXiv:1904.09751 §3.1.
package struct TopP: SamplerTransform {
    let p: Double

    /// Creates the step.
    ///
    /// - Parameter p: above 0; from 1 on everything is kept.
    package init(p: Double) { self.p = p }

    package var isActive: Bool { p < 1 }

    package func apply(to row: LogitRow, context: SamplingContext) {
        let largest = Double(row.maximum)
        var total: Double?
        if !row.isTruncated {
            // Tokens below this logit weigh less than 1 - p even if the whole vocabulary stood there, so none of them
            // is kept; the margin covers rounding.
            let sum = PortableMath.exp(LogitMath.logSumExp(row.values) - largest)
            let bound = PortableMath.log((1 - p) * sum / Double(row.count)) - 0.001
            row.restrict(atLeast: Float(largest + bound))
            total = sum
        }
        row.weighCandidates(around: largest)
        row.keepHighest(reaching: p * (total ?? row.weights.reduce(0, +)))
    }
}
