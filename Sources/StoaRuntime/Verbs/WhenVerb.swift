/// Steps are carried out if a condition holds, and others if it does not.
public struct WhenVerb: StepVerb {
    /// `when`: the one verb whose keyword other steps may have too, as their guard.
    public static let keyword = "when"

    /// The keys of the step.
    public static let fields: [PlanField] = [
        PlanField("when", .expression, isRequired: true, "the condition"),
        PlanField("then", .steps, isRequired: true, "the steps done if it holds"),
        PlanField("else", .steps, "the steps done if it does not"),
    ]

    /// The condition.
    public var condition: PlanExpression
    /// The steps done if it holds.
    public var then: [PlanStep]
    /// The steps done if it does not.
    public var otherwise: [PlanStep]

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let condition = reader.expression("when")
        let then = reader.steps("then")
        otherwise = reader.steps("else") ?? []
        guard let condition, let then else { return nil }
        self.condition = condition
        self.then = then
    }

    /// What the condition reads.
    public var names: [String] { condition.names }
    /// The steps of both cases.
    public var blocks: [StepBlock] {
        [StepBlock(label: "then", steps: then)]
            + (otherwise.isEmpty ? [] : [StepBlock(label: "else", steps: otherwise)])
    }
}
