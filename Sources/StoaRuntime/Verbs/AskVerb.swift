/// A person is asked.
///
/// The step's value is `{text}`.
public struct AskVerb: StepVerb {
    /// `ask`.
    public static let keyword = "ask"

    /// The keys of the step.
    public static let fields: [PlanField] = [
        PlanField("ask", .text, isRequired: true, "the question"),
        PlanField("choices", .strings, "the answers to choose from; absent: any text"),
        PlanField("default", .text, "the answer where nobody can be asked"),
    ]

    /// The question.
    public var question: PlanText
    /// The answers to choose from; empty for any text.
    public var choices: [String]
    /// The answer where nobody can be asked; nil where the run then waits.
    public var fallback: PlanText?

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let question = reader.text("ask")
        choices = reader.strings("choices") ?? []
        fallback = reader.text("default")
        guard let question else { return nil }
        self.question = question
    }

    /// What its texts read.
    public var names: [String] { PlanNames.union(question.names, fallback?.names) }
}
