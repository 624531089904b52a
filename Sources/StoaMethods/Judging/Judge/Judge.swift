internal import StoaCore
public import StoaRuntime

/// A model judges a solution, and says so in JSON: whether it is correct, which step is wrong first and how, and how sure it
/// is.
///
/// Source: the teacher's verification in Socratic-Zero (arXiv:2509.24726).
///
/// It is asked greedily. A reply that is no such JSON, as a server may give one, is sent back once with what is wrong with it;
/// if that does not help, the solution is not accepted and `unparsed` says why.
///
/// The step's value is a verdict's document with `text` (what was judged), `judgement` (the JSON, null where there is none),
/// `unparsed` and `repairs`.
public enum Judge: Method {
    /// `judge`.
    public static let name = "judge"

    /// What it does.
    public static let summary = "has the agent's model judge a solution of the prompt's problem, in JSON"

    /// The keys of its options.
    public static let fields: [PlanField] = JudgedText.fields + own

    /// What there is to say of the judge alone.
    static let own: [PlanField] = [
        PlanField("instructions", .text, "what counts as correct, besides"),
        PlanField(
            "steps", .flag,
            "whether the text's lines are numbered, so that the wrong one can be named; absent: where there are several"
        ),
    ]

    /// Begins a judgement.
    public static func makeLogic(_ input: MethodInput) throws -> any MethodLogic {
        let judged = JudgedText(input)
        return VerdictLogic(text: judged.text, judging: try JudgeLogic(judged, input))
    }
}
