internal import OrderedCollections
internal import StoaCore

/// `weigh-problems`: what the generator learns: the teacher's new problems, by what they were worth to the solver.
struct WeighProblemsTool: CurriculumTool {
    static let name = "weigh-problems"
    static let summary =
        "Makes weighted examples for the generator: a problem and a failed attempt are given, the teacher's new problem is "
        + "learned, and its weight is its utility to the solver."
    static let required = ["problems"]
    static let arguments: JSONValue.Members = [
        "problems": ToolSchema.problems, "mu": ToolSchema.mu, "sigma": ToolSchema.sigma,
        "least": ToolSchema.number("the utility below which a problem is left out; 0.02"),
        "prompt": ToolSchema.prompt, "system": ToolSchema.system,
    ]

    private static let prompt =
        "Problem: {question}\nFailed attempt: {failed}\nWrite a new problem about the same error."

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let utility = try arguments.utility()
        let least = try arguments.number("least", 0.02, in: 0...1)
        let writer = try ExampleWriter(arguments, prompt: Self.prompt)
        var examples: [JSONValue] = []
        var (weights, weighted, worths, successes, count) = (0.0, 0.0, 0.0, 0.0, 0)
        for record in try arguments.problems() {
            guard let success = record.success, let original = record.members["original"]?.stringValue else { continue }
            let worth = utility.value(successRate: success)
            count += 1
            worths += worth
            successes += success
            guard worth >= least else { continue }
            let given = writer.words(
                question: original, failed: record.members["failed"]?.stringValue ?? "none",
                answer: record.problem.answer)
            var members = writer.example(given, completion: record.problem.question)
            members["weight"] = .number(worth)
            members["problem"] = .string(record.problem.id)
            examples.append(.object(members))
            weights += worth
            weighted += worth * success
        }
        let total = Double(max(1, count))
        return [
            "examples": .array(examples), "weight_sum": .number(weights), "mean_utility": .number(worths / total),
            "mean_s": .number(successes / total), "weighted_mean_s": .number(weights > 0 ? weighted / weights : 0),
        ]
    }

    func line(for value: JSONValue) -> String { "\(value["examples"]?.arrayValue?.count ?? 0) examples" }
}
