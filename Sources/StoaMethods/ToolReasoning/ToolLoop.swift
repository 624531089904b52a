public import OrderedCollections
public import StoaCore
public import StoaRuntime

/// The tool loop: the model writes until a block of code is complete, the code is run, the model reads what came of it and
/// writes on, until there is an answer.
///
/// Source: SimpleTIR (arXiv:2509.02479), the rollout of its reference code.
///
/// Implemented: a turn that ends with its first complete block, execution in a session that the step keeps, feedback, the end
/// of an episode, the void turn as a fact of the value. With `fence`, `feedback` and `answer` all `simpletir` the cases of the
/// reference come out as there, but for what stands below. Not implemented here: training, which reads the journal.
///
/// Differs from the reference: decoding stops at the block, and the tokens that were sampled are the ones that are gone on
/// with, so prose and block are not stripped and tokenised again; state is kept between the turns; a context that is full ends
/// the loop with `context_exhausted` instead of being cut at its beginning.
///
/// The step's value is `{text, answer, finish, turns, tool_calls, void, agent, tokens}`: `text` is all that was written, by
/// model and tools; `answer` is null where there is none; `void` says that the last turn came to neither a complete block nor
/// an answer; `finish` is a case of `Finish`.
public enum ToolLoop: Method {
    /// `tool-loop`.
    public static let name = "tool-loop"

    /// What it does.
    public static let summary = "lets the model write code, runs it, and lets the model go on with what came of it"

    /// The tool where none is named.
    static let usualTool = "python"

    /// Why a loop ended.
    public enum Finish: String, Sendable, CaseIterable {
        /// There is an answer.
        case answer
        /// The model ended its turn in a conversation with native tool calls, without any more of them.
        case stop
        /// The most turns were reached; the last one's code was run.
        case turns
        /// The most calls were reached; the last code was not run.
        case toolCalls = "tool_calls"
        /// A budget ended it.
        case limit
        /// The model's context had no room to go on.
        case contextExhausted = "context_exhausted"
        /// A turn came to neither a complete block nor an answer.
        case void
    }

    /// The keys of its options.
    public static let fields: [PlanField] = [
        PlanField("tool", .tool, "what runs the code, or the only tool that is offered natively; absent: python"),
        PlanField(
            "fence", .word(FenceSyntax.allCases.map(\.rawValue)),
            "how code is fenced; absent: strict, and none where calls are native"),
        PlanField("turns", .count(1...1000), "the most turns of the model; absent: 5"),
        PlanField("tool_calls", .count(0...1000), "the most calls; absent: as many as the turns make"),
        PlanField("feedback", .word(FeedbackPolicies.names), "how results are told to the model; absent: structured"),
        PlanField("feedback_chars", .count(64...1_000_000), "the most characters of a result; absent: 2000"),
        PlanField("answer", .word(AnswerPolicies.names), "what counts as an answer; absent: both"),
        PlanField("native", .flag, "whether the playbook's tools are offered as the model's own; absent: false"),
    ]

    /// What is wrong with options that are each right by themselves.
    public static func problems(_ options: JSONValue.Members) -> [MethodProblem] {
        guard options["feedback"] == .string(SimpleTIRFeedback.name), options["feedback_chars"] != nil else {
            return []
        }
        return [
            MethodProblem(
                "'feedback_chars' has no part in the feedback 'simpletir', which has a length of its own",
                at: "feedback_chars", suggestion: "leave it out")
        ]
    }

    /// The tool that runs the code, unless another one is named or all are offered.
    public static func tools(_ options: JSONValue.Members) -> [String] {
        let runsCode = options["native"] == nil || options["native"] == false || options["fence"] != nil
        return options["tool"] == nil && runsCode ? [usualTool] : []
    }

    /// Begins a loop.
    public static func makeLogic(_ input: MethodInput) throws -> any MethodLogic { ToolLoopLogic(input) }
}
