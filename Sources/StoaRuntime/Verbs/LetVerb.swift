internal import StoaCore

/// Values are put together under one name.
///
/// The step's value is the mapping, with everything in it rendered and evaluated. Inside `repeat` it may read its own value of
/// the round before: that is how rounds hand things on.
public struct LetVerb: StepVerb {
    /// `let`.
    public static let keyword = "let"

    /// The keys of the step.
    public static let fields: [PlanField] = [
        PlanField("let", .arguments, isRequired: true, "the values by name; strings may hold expressions")
    ]

    /// The values, an object.
    public var values: PlanValue

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) { values = reader.arguments("let") }

    /// What its expressions read.
    public var names: [String] { values.names }
}
