/// Several branches of steps are carried out at the same time.
///
/// A branch sees what was there before the step; what the branches define can be read after it.
public struct ParallelVerb: StepVerb {
    /// `parallel`.
    public static let keyword = "parallel"

    /// The keys of the step.
    public static let fields: [PlanField] = [
        PlanField("parallel", .branches, isRequired: true, "the branches, each a step or a list of steps")
    ]

    /// The branches.
    public var branches: [StepBlock]

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        guard let branches = reader.branches("parallel") else { return nil }
        self.branches = branches.enumerated().map { index, steps in
            StepBlock(label: "branch \(index + 1)", steps: steps, isConcurrent: true)
        }
    }

    /// None of its own.
    public var names: [String] { [] }
    /// The branches.
    public var blocks: [StepBlock] { branches }
}
