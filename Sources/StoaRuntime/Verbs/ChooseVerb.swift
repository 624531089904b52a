/// One of several candidates is chosen.
///
/// The step's value is `{index, text, answer, votes, value}`.
public struct ChooseVerb: StepVerb {
    /// `choose`.
    public static let keyword = "choose"

    /// The keys of the step.
    public static let fields: [PlanField] = [
        PlanField("choose", .rule, isRequired: true, "the rule that decides"),
        PlanField("from", .expression, isRequired: true, "the candidates: a list of step values"),
        PlanField("verifier", .verifier, "whose notion of equal answers counts"),
        PlanField("score", .expression, "how good a candidate is; it is called 'item'"),
    ]

    /// What the expression `score` calls the candidate.
    public static let candidateName = "item"

    /// The rule that decides.
    public var rule: String
    /// The candidates: a list of step values.
    public var candidates: PlanExpression
    /// The verifier whose notion of equal answers counts; nil for the rule's own.
    public var verifier: String?
    /// How good a candidate is, which it calls `item`; nil for rules that need no score.
    public var score: PlanExpression?

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let rule = reader.rule("choose")
        let candidates = reader.expression("from")
        verifier = reader.verifier("verifier")
        score = reader.expression("score", in: reader.scope.adding(variables: [Self.candidateName]))
        guard let rule, let candidates else { return nil }
        self.rule = rule
        self.candidates = candidates
    }

    /// What its expressions read, without the candidate itself.
    public var names: [String] {
        PlanNames.union(candidates.names, score?.names.filter { $0 != Self.candidateName })
    }
}
