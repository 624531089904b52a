internal import OrderedCollections
internal import StoaCore

/// `make-examples`: what is learned from a round under supervision.
struct MakeExamplesTool: CurriculumTool {
    static let name = "make-examples"
    static let summary =
        "Makes examples for supervised training: of the problems' programs, of attempts that were verified, or of both."
    static let required = ["problems"]
    static let arguments: JSONValue.Members = [
        "problems": ToolSchema.problems,
        "from": ToolSchema.choice(["reference", "verified", "both"], "whose words are learned; reference"),
        "utility": ToolSchema.flag("whether examples are weighed by what their problems are worth; false"),
        "distinct": ToolSchema.flag("whether the same words count once in a problem; true"), "mu": ToolSchema.mu,
        "sigma": ToolSchema.sigma, "prompt": ToolSchema.prompt, "system": ToolSchema.system,
        "completion": ToolSchema.completion,
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let source = try arguments.choice("from", ["reference", "verified", "both"])
        let utility = try arguments.flag("utility", false) ? try arguments.utility() : nil
        let isDistinct = try arguments.flag("distinct", true)
        let writer = try ExampleWriter(arguments)
        var examples: [JSONValue] = []
        for record in try arguments.problems() {
            let question = record.problem.question
            let weight = utility.flatMap { utility in record.success.map { utility.value(successRate: $0) } } ?? 1
            var seen: Set<String> = []
            func add(_ text: String, _ example: JSONValue.Members) {
                guard seen.insert(text).inserted || !isDistinct else { return }
                var members = example
                members["weight"] = .number(weight)
                members["problem"] = .string(record.problem.id)
                examples.append(.object(members))
            }
            if source != "reference" {
                for attempt in record.attempts where attempt.isRight {
                    add(attempt.text, writer.example(of: attempt, question: question))
                }
            }
            if source != "verified", let solution = writer.solution(of: record.problem) {
                add(solution, writer.example(writer.words(question: question), completion: solution))
            }
        }
        return ["examples": .array(examples), "count": .integer(Int64(examples.count))]
    }

    func line(for value: JSONValue) -> String { "\(value["count"]?.intValue ?? 0) examples" }
}
