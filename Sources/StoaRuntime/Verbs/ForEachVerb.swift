/// Steps are carried out once for every item of a list.
///
/// The step's value is the list of what the last step inside came to. The steps inside can't be read from outside.
public struct ForEachVerb: StepVerb {
    /// `for_each`.
    public static let keyword = "for_each"

    /// The keys of the step.
    public static let fields: [PlanField] = [
        PlanField("for_each", .expression, isRequired: true, "the list of items"),
        PlanField("as", .name, isRequired: true, "what the steps inside call the item"),
        PlanField("parallel", .boolean, "whether all items are worked on at the same time; absent: false"),
        PlanField("do", .steps, isRequired: true, "the steps done for each item"),
    ]

    /// What the steps inside call the item's position.
    public static let indexName = "loop_index"

    /// The list of items.
    public var items: PlanExpression
    /// What the steps inside call the item.
    public var variable: String
    /// Whether all items are worked on at the same time.
    public var isParallel: Bool
    /// The steps done for each item.
    public var body: [PlanStep]

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let items = reader.expression("for_each")
        let variable = reader.variable("as")
        isParallel = reader.boolean("parallel") ?? false
        let inside = reader.scope.adding(variables: [variable, Self.indexName].compactMap { $0 })
        let body = reader.steps("do", in: inside.entering(loop: reader.loopName))
        guard let items, let variable, let body else { return nil }
        self.items = items
        self.variable = variable
        self.body = body
    }

    /// What the list reads.
    public var names: [String] { items.names }
    /// The steps done for each item.
    public var blocks: [StepBlock] {
        [StepBlock(label: "do", steps: body, variables: [variable, Self.indexName], isConcurrent: isParallel)]
    }
}
