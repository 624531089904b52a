internal import OrderedCollections
public import StoaCore

/// What came of one try at one problem.
public struct EvaluationItem: Sendable, Hashable {
    /// The problem, by its place among the evaluation's.
    public var problem: Int
    /// Which of the tries at it, from 0.
    public var sample: Int
    /// The run.
    public var run: RunID
    /// How the run ended.
    public var status: RunStatus
    /// What the run answered; nil for nothing.
    public var answer: String?
    /// Whether that is right; never where there is no answer.
    public var isCorrect: Bool
    /// How right, 0 to 1.
    public var score: Double
    /// The answer that was found in what the run said; nil for none.
    public var extracted: String?
    /// Why it is right or wrong, in words.
    public var evidence: String
    /// How sure the run was, 0 to 1; nil where it does not say.
    public var confidence: Double?
    /// What it cost the models.
    public var usage: Usage
    /// How many tools were called.
    public var toolCalls: Int
    /// How long the run took, in seconds; it shared the machine with others.
    public var seconds: Double
    /// Why the run failed; nil where it did not.
    public var failure: String?

    /// Whether the run came to no end of its own: it counts as wrong, and is counted apart.
    public var isFailed: Bool { failure != nil }

    /// What happened, without times.
    var document: JSONValue {
        var members: JSONValue.Members = [
            "run": .string(run.rawValue), "status": .string(status.rawValue),
            "answer": answer.map { .string($0) } ?? .null, "correct": .bool(isCorrect), "score": .number(score),
            "extracted": extracted.map { .string($0) } ?? .null, "evidence": .string(evidence),
            "usage": usage.logical.document, "tool_calls": .integer(Int64(toolCalls)),
        ]
        if let confidence { members["confidence"] = .number(confidence) }
        if let failure { members["failure"] = .string(failure) }
        return .object(members)
    }

    /// Reads an item back; nil for anything else.
    init?(document: JSONValue, problem: Int, sample: Int, seconds: Double) {
        guard let run = document["run"]?.stringValue, let isCorrect = document["correct"]?.boolValue,
            let status = document["status"]?.stringValue.flatMap(RunStatus.init(rawValue:))
        else { return nil }
        self.problem = problem
        self.sample = sample
        self.run = RunID(run)
        self.status = status
        answer = document["answer"]?.stringValue
        self.isCorrect = isCorrect
        score = document["score"]?.doubleValue ?? 0
        extracted = document["extracted"]?.stringValue
        evidence = document["evidence"]?.stringValue ?? ""
        confidence = document["confidence"]?.doubleValue
        usage = Usage(document: document["usage"] ?? .emptyObject)
        toolCalls = document["tool_calls"]?.intValue ?? 0
        self.seconds = seconds
        failure = document["failure"]?.stringValue
    }

    /// Creates an item that is not scored yet.
    init(
        problem: Int, sample: Int, run: RunID, status: RunStatus, answer: String?, usage: Usage, toolCalls: Int,
        seconds: Double, failure: String?
    ) {
        self.problem = problem
        self.sample = sample
        self.run = run
        self.status = status
        self.answer = answer
        isCorrect = false
        score = 0
        evidence = ""
        self.usage = usage
        self.toolCalls = toolCalls
        self.seconds = seconds
        self.failure = failure
    }

    /// The same item, scored.
    ///
    /// - Parameters:
    ///   - verifier: who decides.
    ///   - problem: what was asked, and what is right.
    /// - Returns: the item with a verdict; one without an answer is wrong.
    func scored(by verifier: any Verifier, on problem: Problem) -> EvaluationItem {
        var item = self
        guard let answer else {
            (item.isCorrect, item.score, item.extracted) = (false, 0, nil)
            item.evidence = failure == nil ? "no answer (\(status.rawValue))" : "the run failed"
            return item
        }
        let verdict = verifier.verify(
            VerificationRequest(text: answer, reference: problem.answer, question: problem.question))
        item.isCorrect = verdict.isAccepted
        item.score = verdict.score
        item.extracted = verdict.answer
        item.evidence = verdict.evidence
        return item
    }
}
