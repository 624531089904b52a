public import StoaCore

/// Repeated measurements of one figure.
public struct Measurement: Sendable, Hashable {
    /// The figures, in the order in which they were taken; at least one.
    public private(set) var samples: [Double]

    /// Creates a measurement of at least one sample.
    public init(_ samples: [Double]) {
        precondition(!samples.isEmpty, "a measurement needs a sample")
        self.samples = samples
    }

    /// The middle sample, or the mean of the two in the middle.
    public var median: Double {
        let sorted = samples.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// `{median, min, max}`.
    public var document: JSONValue {
        [
            "median": .number(median), "min": .number(samples.min() ?? median), "max": .number(samples.max() ?? median),
        ]
    }
}
