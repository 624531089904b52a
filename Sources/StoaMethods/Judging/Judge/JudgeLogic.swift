internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// The decisions of a judge: one question, perhaps once more.
struct JudgeLogic: JudgingLogic {
    private var question: StructuredQuestion
    private let steps: [String]

    init(_ judged: JudgedText, _ input: MethodInput) throws {
        let lines = judged.steps
        let isNumbered = input.options["steps"]?.boolValue ?? (lines.count > 1)
        steps = isNumbered ? lines : []
        let text = JudgeContract.question(
            judged, steps: steps, instructions: input.options["instructions"]?.stringValue ?? "")
        question = StructuredQuestion(text, schema: try JudgeContract.schema(steps: steps.count), of: input.request)
    }

    mutating func step(_ event: MethodEvent) throws -> JudgingAction {
        switch event {
        case .replied(let reply):
            switch question.take(reply) {
            case .again(let request): return .want(.ask(request))
            case .answer(let judgement):
                return decided(JudgeContract.verdict(judgement, steps: steps, by: Judge.name), judgement)
            case .unreadable(let problem): return decided(.undecided("unparsed: \(problem)", by: Judge.name), nil)
            }
        case .limited(let limit):
            return decided(.undecided(limit.evidence, by: Judge.name), nil)
        // It has nothing else done.
        case .began, .judged, .returned: return .want(.ask(question.request))
        }
    }

    private func decided(_ verdict: Verdict, _ judgement: JSONValue?) -> JudgingAction {
        .decided(
            verdict,
            details: [
                "judgement": judgement ?? .null, "unparsed": .bool(judgement == nil),
                "repairs": .integer(Int64(question.repairsMade)),
            ])
    }
}
