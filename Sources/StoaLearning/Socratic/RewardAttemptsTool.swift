internal import OrderedCollections
internal import StoaCore

/// `reward-attempts`: a reward of format and accuracy for each attempt.
///
/// Source: DianJin-R1, arXiv:2504.15716: two rewards, one for the form of an answer and one for its truth.
struct RewardAttemptsTool: CurriculumTool {
    static let name = "reward-attempts"
    static let summary =
        "Rewards attempts for their form (there is an expression in it) and for their truth: the sum, with a weight on the "
        + "form, or the product."
    static let required = ["problems"]
    static let arguments: JSONValue.Members = [
        "problems": ToolSchema.problems, "format_weight": ToolSchema.number("what the form is worth in a sum; 0.1"),
        "combine": ToolSchema.choice(["sum", "product"], "how the two are put together; sum"),
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let weight = try arguments.number("format_weight", 0.1, in: 0...1)
        let isSum = try arguments.choice("combine", ["sum", "product"]) == "sum"
        var total = 0.0
        var count = 0
        var problems: [JSONValue] = []
        for record in try arguments.problems() {
            let values = record.members["attempts"]?.arrayValue ?? []
            var attempts: [JSONValue] = []
            for (attempt, value) in zip(record.attempts, values) {
                let format = AttemptError.program(in: attempt.text) == nil ? 0.0 : 1.0
                let accuracy = attempt.isRight ? 1.0 : 0.0
                let reward = isSum ? accuracy + weight * format : accuracy * format
                var members = value.objectValue ?? [:]
                members["format"] = .number(format)
                members["accuracy"] = .number(accuracy)
                members["reward"] = .number(reward)
                attempts.append(.object(members))
                total += reward
                count += 1
            }
            problems.append(record.document(adding: ["attempts": .array(attempts)]))
        }
        return ["problems": .array(problems), "mean": .number(count > 0 ? total / Double(count) : 0)]
    }

    func line(for value: JSONValue) -> String { "mean reward \((value["mean"] ?? .null).text)" }
}
