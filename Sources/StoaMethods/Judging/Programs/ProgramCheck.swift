public import OrderedCollections
public import StoaCore
public import StoaRuntime

/// A program computes the answer, and the answer of a text has to be the same; or a program checks the text's answer.
///
/// The program is the playbook's, or the agent's model writes it: it is told the problem and not the text that is judged, so
/// that it does not repeat its mistakes. It runs by a tool that runs code, in a state of its own. Where it fails, the model
/// is told so and writes again, `attempts` times in all. A program that comes to nothing decides nothing, and neither does
/// one that gives a decimal number that may be rounded and is not the answer exactly.
///
/// What a program gives, to `final_answer`, printed last or as its last value, is compared with the text's answer by a
/// verifier. With `check`, the playbook's program is given the text's answer as `answer`, a text, and gives `True` or `False`.
///
/// The step's value is a verdict's document with `text` (what was judged), `code`, `output` (what it gave, null for nothing)
/// and `attempts`.
public enum ProgramCheck: Method {
    /// `program-check`.
    public static let name = "program-check"

    /// What it does.
    public static let summary = "has a program compute or check a text's answer"

    /// The keys of its options.
    public static let fields: [PlanField] =
        [PlanField("text", .text, isRequired: true, "the text that is judged")] + own + [
            PlanField("verifier", .verifier, "what compares the program's answer with the text's; absent: equivalent"),
            PlanField("tool", .tool, "what runs the program; absent: python"),
        ]

    /// What there is to say of the program alone.
    static let own: [PlanField] = [
        PlanField("program", .text, "Python that gives the answer; absent: the agent's model writes it"),
        PlanField(
            "check", .flag, "whether the program is told the text's answer and gives True or False; absent: false"),
        PlanField("attempts", .count(1...10), "how many programs the model may write; absent: 2"),
    ]

    /// What is wrong with options that are each right by themselves.
    public static func problems(_ options: JSONValue.Members) -> [MethodProblem] { ownProblems(options) }

    static func ownProblems(_ options: JSONValue.Members) -> [MethodProblem] {
        var problems: [MethodProblem] = []
        if options["check"] == true, options["program"] == nil {
            problems.append(
                MethodProblem("'check' needs a 'program'", at: "check", suggestion: "write the program that checks"))
        }
        if options["attempts"] != nil, options["program"] != nil {
            problems.append(
                MethodProblem(
                    "'attempts' has no part beside 'program'", at: "attempts", suggestion: "leave one of them out"))
        }
        return problems
    }

    /// The tool that runs the program.
    public static func tools(_ options: JSONValue.Members) -> [String] {
        options["tool"] == nil ? [CheckingTool.usual] : []
    }

    /// Begins a check.
    public static func makeLogic(_ input: MethodInput) throws -> any MethodLogic {
        let judged = JudgedText(input)
        return VerdictLogic(text: judged.text, judging: ProgramLogic(judged, input))
    }
}
