/// Two numbers between which an unknown one lies, as often as its level says.
public struct ConfidenceInterval: Sendable, Hashable {
    /// The lower end.
    public var lower: Double
    /// The upper end.
    public var upper: Double

    /// Creates an interval.
    ///
    /// - Parameters:
    ///   - lower: the lower end.
    ///   - upper: the upper end.
    public init(_ lower: Double, _ upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    /// How long it is.
    public var width: Double { upper - lower }

    /// Whether a number lies in it, its ends included.
    public func contains(_ value: Double) -> Bool { value >= lower && value <= upper }

    /// The same interval, cut to a range.
    func clipped(to range: ClosedRange<Double>) -> ConfidenceInterval {
        ConfidenceInterval(
            min(max(lower, range.lowerBound), range.upperBound), min(max(upper, range.lowerBound), range.upperBound))
    }
}
