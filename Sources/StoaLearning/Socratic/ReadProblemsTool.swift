internal import OrderedCollections
internal import StoaCore

/// `read-problems`: verifies problems that a model wrote, by finding the family that they are of.
struct ReadProblemsTool: CurriculumTool {
    static let name = "read-problems"
    static let summary =
        "Finds the wording of the family that a question is, its numbers, and so its program and its answer; what cannot be "
        + "read has no answer that could be trusted."
    static let required = ["families", "questions"]
    static let arguments: JSONValue.Members = [
        "families": ToolSchema.families, "questions": ToolSchema.questions,
        "prefix": ToolSchema.text("what names begin with where questions have none"),
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let reader = ProblemReader(library: try arguments.library())
        let prefix = try arguments.text("prefix") ?? "q"
        let questions = try arguments.questions("questions")
        var problems: [JSONValue] = []
        var unread: [JSONValue] = []
        var counts: JSONValue.Members = ["read": 0]
        for reason in ["unknown", "ambiguous", "senseless"] { counts[reason] = 0 }
        func count(_ name: String) { counts[name] = .integer(Int64((counts[name]?.intValue ?? 0) + 1)) }
        for (index, element) in try arguments.list("questions").enumerated() {
            let id = element["id"]?.stringValue ?? "\(prefix)\(index)"
            do {
                let problem = try reader.problem(reading: questions[index], id: id)
                var members = element.objectValue ?? [:]
                members.merge(problem.document.objectValue ?? [:]) { $1 }
                members["verified"] = true
                problems.append(.object(members))
                count("read")
            } catch {
                unread.append([
                    "id": .string(id), "question": .string(questions[index]), "reason": .string(error.rawValue),
                ])
                count(error.rawValue)
            }
        }
        return ["problems": .array(problems), "unread": .array(unread), "counts": .object(counts)]
    }
}
