/// What a step does.
///
/// One verb is one file with its fields, how it is read from a playbook and how it is drawn, and a second one with how it
/// is carried out; `StepVerbs.all` lists them.
public protocol StepVerb: Sendable {
    /// The key that names the verb in a playbook.
    static var keyword: String { get }

    /// The keys that a step with this verb may have besides `id`, `when` and `budget`, the keyword's first.
    static var fields: [PlanField] { get }

    /// Reads the verb from a step's mapping; reports every problem to the reader, and is nil where it cannot be made.
    ///
    /// - Parameter reader: the step's mapping; unknown keys have been reported already.
    init?(reading reader: PlanReader)

    /// The names it reads from the steps before it and from parameters, in its own texts and expressions; those of its
    /// inner steps are not among them.
    var names: [String] { get }

    /// The agents that it gives work to.
    var agents: [String] { get }

    /// The steps inside it.
    var blocks: [StepBlock] { get }

    /// Carries the step out.
    ///
    /// - Parameters:
    ///   - step: the step.
    ///   - conductor: gives work to agents.
    ///   - frame: where the step is; what it defines is in it afterwards.
    /// - Throws: what ends the block around it.
    func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws
}

/// Steps inside a step.
public struct StepBlock: Sendable {
    /// What the block is called in diagrams and errors, such as `then` or `branch 1`.
    public var label: String
    /// The steps.
    public var steps: [PlanStep]
    /// Names that its steps can read besides those around it, such as a loop's variable.
    public var variables: [String]
    /// Whether it runs beside others.
    public var isConcurrent: Bool

    /// Creates a block.
    public init(label: String, steps: [PlanStep], variables: [String] = [], isConcurrent: Bool = false) {
        self.label = label
        self.steps = steps
        self.variables = variables
        self.isConcurrent = isConcurrent
    }
}
