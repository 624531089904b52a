/// A verifier judges a text.
///
/// The step's value is `{passed, decided, score, answer, evidence, verifier, granularity, steps, votes}`.
public struct VerifyVerb: StepVerb {
    /// `verify`.
    public static let keyword = "verify"

    /// The keys of the step.
    public static let fields: [PlanField] = [
        PlanField("verify", .verifier, isRequired: true, "the verifier that judges"),
        PlanField("text", .text, isRequired: true, "what it judges"),
        PlanField("reference", .text, "what the answer should be"),
        PlanField("question", .text, "what was asked"),
        PlanField("by", .agent, "the agent that judges, of role verifier; absent: 'verifier', which is added"),
    ]

    /// The agent that judges where a step names none.
    public static let implicitJudge = "verifier"

    /// The verifier that judges.
    public var verifier: String
    /// What it judges.
    public var text: PlanText
    /// What the answer should be; nil where nobody says.
    public var reference: PlanText?
    /// What was asked; nil where nobody says.
    public var question: PlanText?
    /// The agent that judges.
    public var judge: String

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let verifier = reader.verifier("verify")
        let text = reader.text("text")
        reference = reader.text("reference")
        question = reader.text("question")
        let judge = reader.agent("by", roles: [.verifier], implicit: Self.implicitJudge)
        if let judge {
            for (key, text) in [("text", text), ("reference", reference), ("question", question)] {
                reader.checkReads(of: judge, text?.names ?? [], at: key)
            }
        }
        guard let verifier, let text, let judge else { return nil }
        self.verifier = verifier
        self.text = text
        self.judge = judge
    }

    /// What its texts read.
    public var names: [String] { PlanNames.union(text.names, reference?.names, question?.names) }
    /// The agent that judges.
    public var agents: [String] { [judge] }
}
