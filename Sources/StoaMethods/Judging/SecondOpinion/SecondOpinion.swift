public import OrderedCollections
public import StoaCore
public import StoaRuntime

/// A rule compares an answer with the reference; what it cannot decide, sympy does, in the sandbox.
///
/// - Sympy is asked only where the rule says that it cannot tell. What the rule has proved stands.
/// - It accepts what it proves to be the same by algebra and finds the same in numbers, too; it refuses what differs in
///   numbers. Everything else stays undecided: a wrong "equivalent" is worse than a missed one.
/// - The program that does it is ours and the same every time. It reads the answers by a grammar of its own that knows
///   numbers, names of one letter, operators and some functions; no text of a model's is ever run, nor handed to a parser
///   that would.
///
/// The step's value is a verdict's document with `text`, what was judged; `verifier` is the rule's, or `second-opinion`, and
/// `votes` has both where both were asked.
public enum SecondOpinion: Method {
    /// `second-opinion`.
    public static let name = "second-opinion"

    /// What it does.
    public static let summary = "compares an answer with the reference, by sympy where the rule cannot tell"

    /// The keys of its options.
    public static let fields: [PlanField] =
        JudgedText.fields + [
            PlanField("verifier", .verifier, "the rule that is asked first; absent: equivalent"),
            PlanField("tool", .tool, "what runs Python with sympy; absent: python"),
        ]

    /// The tool that runs sympy.
    public static func tools(_ options: JSONValue.Members) -> [String] {
        options["tool"] == nil ? [CheckingTool.usual] : []
    }

    /// Begins a comparison.
    public static func makeLogic(_ input: MethodInput) throws -> any MethodLogic {
        let judged = JudgedText(input)
        return VerdictLogic(text: judged.text, judging: SecondOpinionLogic(judged, input))
    }
}
