import OrderedCollections
import StoaCore
import StoaMethods
import StoaRuntime
import StoaTestSupport

/// A method that judges, whose events are made by hand.
struct JudgingInHand {
    var logic: any MethodLogic
    var last: MethodAction

    static let python = ToolDefinition(
        name: "python", description: "runs code",
        parameters: ["properties": ["code": ["type": "string"]], "required": ["code"]])

    init(_ method: any Method.Type, prompt: String = "What is 2+2?", _ options: JSONValue.Members) throws {
        let request = ModelRequest(
            messages: [ChatMessage(.system, "You judge."), ChatMessage(.user, prompt)],
            sampling: SamplingParameters(temperature: 0.7), maximumTokens: 200, stop: ["\n"], seed: SeedPath(seed: 0),
            author: "judge")
        logic = try method.makeLogic(
            MethodInput(request: request, prompt: prompt, options: options, tools: [Self.python]))
        last = try logic.step(.began)
    }

    /// The model writes.
    @discardableResult
    mutating func write(_ text: String, _ finish: FinishReason = .stop) throws -> MethodAction {
        try tell(.replied(ModelReply(text: text, finish: finish)))
    }

    /// The tool returns.
    @discardableResult
    mutating func run(_ result: CodeResult) throws -> MethodAction {
        let status: ToolResult.Status = result.isOK ? .ok : result.limit == nil ? .failed : .limit
        return try tell(.returned(ToolResult(status: status, value: result.document, output: result.stdout)))
    }

    @discardableResult
    mutating func tell(_ event: MethodEvent) throws -> MethodAction {
        last = try logic.step(event)
        return last
    }

    /// A rule judges.
    @discardableResult
    mutating func judge(_ isAccepted: Bool, decided: Bool = true, answer: String? = "4") throws -> MethodAction {
        try tell(
            .judged(
                Verdict(
                    isAccepted: isAccepted, score: isAccepted ? 1 : 0, answer: answer, evidence: "by rule",
                    verifier: "equivalent", isDecided: decided)))
    }

    /// What is asked of the model; nil for something else.
    var request: ModelRequest? { if case .ask(let request) = last { request } else { nil } }

    /// The words of the last message of what is asked.
    var question: String { request?.messages.last?.content ?? "" }

    /// What is asked of a rule.
    var judged: VerificationRequest? { if case .judge(let request, _) = last { request } else { nil } }

    /// The code that is called.
    var code: String? {
        if case .call(let call, keepsState: true) = last { call.arguments["code"]?.stringValue } else { nil }
    }

    /// The value; nil where it goes on.
    var value: JSONValue? { if case .finish(let members) = last { .object(members) } else { nil } }

    /// What was decided: `accepted`, `refused`, `undecided`; nil where it goes on.
    var outcome: String? {
        value.map { $0["decided"] == false ? "undecided" : $0["passed"] == true ? "accepted" : "refused" }
    }
}

/// A judge's JSON.
func judgement(
    _ isCorrect: Bool, step: Int? = nil, type: String? = nil, answer: String = "4", confidence: Double = 0.9
) -> String {
    let document: JSONValue = [
        "explanation": "because", "error_step": step.map { .integer(Int64($0)) } ?? .null,
        "error_type": type.map { .string($0) } ?? .null, "extracted_answer": .string(answer),
        "correct": .bool(isCorrect), "confidence": .number(confidence),
    ]
    return document.text
}

let exhausted = LimitReached(limit: "turns", allowed: 1, spent: 1, scope: "run")
