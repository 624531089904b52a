/// A loss that a request can ask for by name: how its options are read, and what it makes of a step's examples.
///
/// The mathematics is in `StoaLearning`. A new loss is a file beside this one and a line in `TrainingLosses`.
package protocol TrainingLoss: Sendable {
    /// The name in requests.
    static var name: String { get }
    /// Whether each example must have a rejected side.
    static var comparesSides: Bool { get }
    /// Whether examples without weight count in what sums are divided by.
    var countsWeightless: Bool { get }

    /// Reads the options.
    ///
    /// - Parameter options: the request's.
    /// - Throws: `TrainingError` that names the option.
    init(_ options: LossOptions) throws(TrainingError)

    /// The objective of one step.
    ///
    /// - Parameter batch: the step's examples, in order.
    /// - Returns: an objective for exactly these.
    func objective(of batch: [LossExample]) -> any Objective
}

extension TrainingLoss {
    package var countsWeightless: Bool { false }
}

/// An example as losses see it.
package struct LossExample: Sendable {
    /// One side, or the chosen and the rejected one.
    package var group: TrainingGroup
    /// How much it counts.
    package var weight: Double
    /// The log-probability of each side under the reference; empty for a loss that compares nothing.
    package var reference: [Double]
}
