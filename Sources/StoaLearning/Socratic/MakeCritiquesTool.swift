internal import OrderedCollections
internal import StoaCore

/// `make-critiques`: what a program says of attempts, for training a model as a critic.
///
/// Each critique is true by construction: it names what `AttemptError` found, and the program that was executed.
///
/// Source: One-Shot-CFT, arXiv:2506.03295.
struct MakeCritiquesTool: CurriculumTool {
    static let name = "make-critiques"
    static let summary =
        "Makes examples of critiques: a problem and an attempt are given, what is right or wrong is learned."
    static let required = ["problems"]
    static let arguments: JSONValue.Members = [
        "problems": ToolSchema.problems, "per_problem": ToolSchema.integer("the most attempts of a problem; 4"),
        "prompt": ToolSchema.prompt, "system": ToolSchema.system,
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let most = try arguments.integer("per_problem", in: 1...1000) ?? 4
        let writer = try ExampleWriter(arguments, prompt: "Problem: {question}\nSolution: {failed}\nIs it right?")
        var examples: [JSONValue] = []
        var counts: [String: Int64] = [:]
        for record in try arguments.problems() {
            var seen: Set<String> = []
            for attempt in record.attempts where seen.count < most && seen.insert(attempt.text).inserted {
                let (kind, critique) = Self.critique(of: attempt, at: record.problem)
                counts[kind, default: 0] += 1
                let given = writer.words(question: record.problem.question, failed: attempt.text)
                var members = writer.example(given, completion: critique)
                members["weight"] = 1
                members["problem"] = .string(record.problem.id)
                examples.append(.object(members))
            }
        }
        var counted: JSONValue.Members = [:]
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { counted[kind] = .integer(count) }
        return ["examples": .array(examples), "counts": .object(counted)]
    }

    private static func critique(
        of attempt: ProblemRecord.Attempt, at problem: WordProblem
    ) -> (kind: String, text: String) {
        let truth = problem.program.map { "\($0) = \(problem.answer)" } ?? "the answer is \(problem.answer)"
        if attempt.isRight { return ("right", "Right: \(truth).") }
        let error = AttemptError(of: attempt.text, question: problem.question, program: problem.program)
        let reason =
            switch error {
            case .format: "there is no calculation in it"
            case .operation: "the numbers are right, but they are put together in the wrong way"
            case .distractor: "it uses a number that does not belong to what is asked"
            case .number: "it uses a number that the problem does not have"
            case .incomplete: "a number that is needed is missing"
            case .other: "its value is not what is asked"
            }
        return (error.rawValue, "Wrong: \(reason). Right is \(truth).")
    }
}
