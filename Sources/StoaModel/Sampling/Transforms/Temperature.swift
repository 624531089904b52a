/// Divides the logits by a temperature.
///
/// The largest logit is subtracted first, which changes no probability and keeps low temperatures from overflowing.
package struct Temperature: SamplerTransform {
    let temperature: Float

    /// Creates the step.
    ///
    /// - Parameter temperature: above 0; below 1 sharpens the distribution, above 1 flattens it.
    package init(temperature: Double) { self.temperature = Float(temperature) }

    package var isActive: Bool { temperature != 1 }

    package func apply(to row: LogitRow, context: SamplingContext) {
        let largest = row.maximum
        let isTruncated = row.isTruncated
        let candidates = row.candidates
        row.edit(maximum: 0) { values in
            if isTruncated {
                for id in candidates { values[Int(id)] = (values[Int(id)] - largest) / temperature }
            } else {
                for index in 0..<values.count { values[index] = (values[index] - largest) / temperature }
            }
        }
    }
}
