private import StoaCore

/// Keeps tokens that are at least p times as probable as the most probable one.
///
/// Source: arXiv:2407.01082 §3.
package struct MinP: SamplerTransform {
    let p: Double

    /// Creates the step.
    ///
    /// - Parameter p: from 0, which keeps everything, to 1, which keeps the most probable tokens only.
    package init(p: Double) { self.p = p }

    package var isActive: Bool { p > 0 }

    package func apply(to row: LogitRow, context: SamplingContext) {
        let threshold = Double(row.maximum) + PortableMath.log(p)
        // Rounded upwards, so that a logit passes exactly where it is not below the threshold.
        let rounded = Float(threshold)
        row.restrict(atLeast: Double(rounded) < threshold ? rounded.nextUp : rounded)
    }
}
