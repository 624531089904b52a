internal import OrderedCollections
internal import StoaCore

/// `make-pairs`: pairs of right and wrong attempts for preference training.
struct MakePairsTool: CurriculumTool {
    static let name = "make-pairs"
    static let summary =
        "Makes pairs of a right and a wrong attempt at each problem, as the step train takes them; the problem's own program "
        + "stands in where no attempt is right."
    static let required = ["problems"]
    static let arguments: JSONValue.Members = [
        "problems": ToolSchema.problems, "maximum": ToolSchema.integer("the most pairs of a problem; 4"),
        "reference": ToolSchema.flag("whether the program stands in where no attempt is right; true"),
        "prompt": ToolSchema.prompt, "system": ToolSchema.system, "completion": ToolSchema.completion,
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let rule = PreferencePairs(maximum: try arguments.integer("maximum", in: 1...1000) ?? 4)
        let usesReference = try arguments.flag("reference", true)
        let writer = try ExampleWriter(arguments)
        var examples: [JSONValue] = []
        var without: Int64 = 0
        for record in try arguments.problems() {
            let question = record.problem.question
            // Attempts are told apart by their place: the same words may have been written by two calls.
            let attempts = record.attempts.map {
                PreferencePairs.Attempt(text: $0.text, answer: $0.answer, isRight: $0.isRight, length: $0.length)
            }
            let reference = usesReference ? Self.reference(record, writer) : nil
            let pairs = rule.pairs(of: attempts, reference: reference)
            if pairs.isEmpty { without += 1 }
            for pair in pairs {
                func side(_ attempt: PreferencePairs.Attempt) -> JSONValue {
                    let place = attempts.firstIndex(of: attempt)
                    guard let place else {
                        return .object(writer.example(writer.words(question: question), completion: attempt.text))
                    }
                    return .object(writer.example(of: record.attempts[place], question: question))
                }
                examples.append([
                    "chosen": side(pair.chosen), "rejected": side(pair.rejected), "weight": 1,
                    "problem": .string(record.problem.id),
                ])
            }
        }
        return [
            "examples": .array(examples), "pairs": .integer(Int64(examples.count)),
            "problems_without": .integer(without),
        ]
    }

    private static func reference(_ record: ProblemRecord, _ writer: ExampleWriter) -> PreferencePairs.Attempt? {
        writer.solution(of: record.problem).map {
            PreferencePairs.Attempt(text: $0, answer: record.problem.answer, isRight: true, length: $0.count)
        }
    }

    func line(for value: JSONValue) -> String { "\(value["pairs"]?.intValue ?? 0) pairs" }
}
