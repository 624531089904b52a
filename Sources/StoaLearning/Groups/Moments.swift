/// Mean and spread of a few numbers.
///
/// Determinism: sums run in the order of the numbers.
struct Moments {
    let count: Int
    let mean: Double
    private let squares: Double

    /// Computes them; nil for no numbers.
    init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        count = values.count
        // Equal numbers have that mean and no spread, whatever the rounding of their sum.
        let isConstant = values.allSatisfy { $0 == values[0] }
        let mean = isConstant ? values[0] : values.reduce(0, +) / Double(values.count)
        self.mean = mean
        squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }

    /// The standard deviation with n - removed in the denominator; 0 where that is not positive.
    func standardDeviation(degreesOfFreedomRemoved removed: Int) -> Double {
        count > removed ? (squares / Double(count - removed)).squareRoot() : 0
    }
}
