internal import OrderedCollections
internal import StoaCore

/// `solve-problems`: finds the programs of problems whose answers are known, such as seeds.
struct SolveProblemsTool: CurriculumTool {
    static let name = "solve-problems"
    static let summary =
        "Finds the smallest expression over a question's numbers that gives its known answer; none where there is no single "
        + "one."
    static let required = ["problems"]
    static let arguments: JSONValue.Members = [
        "problems": ToolSchema.problems, "operations": ToolSchema.integer("the most operations, 1 to 3; 3"),
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let search = ExpressionSearch(operations: try arguments.integer("operations", in: 1...3) ?? 3)
        var solved: [JSONValue] = []
        var unsolved: [JSONValue] = []
        for record in try arguments.problems() {
            let problem = record.problem
            do {
                let program = try search.program(of: problem.question, answer: problem.answer)
                solved.append(
                    record.document(adding: [
                        "family": problem.family.map { .string($0) } ?? .null, "level": .integer(Int64(problem.level)),
                        "answer": .string(problem.answer), "program": .string(program),
                    ]))
            } catch {
                unsolved.append(record.document(adding: ["reason": .string(error.rawValue)]))
            }
        }
        return [
            "solved": .array(solved), "unsolved": .array(unsolved),
            "counts": ["solved": .integer(Int64(solved.count)), "unsolved": .integer(Int64(unsolved.count))],
        ]
    }
}
