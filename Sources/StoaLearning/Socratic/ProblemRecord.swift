internal import OrderedCollections
internal import StoaCore

/// A problem as it goes from tool to tool: the problem, its attempts, and whatever else somebody wrote on it.
struct ProblemRecord: Sendable {
    /// A solution that was tried.
    struct Attempt: Sendable, Hashable {
        var text: String
        var answer: String?
        var isRight: Bool
        /// The key of the model call that it came of; nil where a model did not write it.
        var sample: String?
        var tokens: Int?

        /// Reads `{text, answer, correct, sample, tokens}`; nil where it does not say whether it is right.
        init?(_ value: JSONValue) {
            guard let isRight = value["correct"]?.boolValue else { return nil }
            text = value["text"]?.stringValue ?? ""
            answer = WordProblem.text(of: value["answer"])
            self.isRight = isRight
            sample = value["sample"]?.stringValue
            tokens = value["tokens"]?.intValue
        }

        /// How long it is: in tokens, or in characters where these are not known.
        var length: Int { tokens ?? text.count }
    }

    var members: JSONValue.Members
    var problem: WordProblem
    var attempts: [Attempt]

    /// Reads a problem, with its attempts where it has any; `{problem, attempts}` is the problem with these on it.
    init(_ value: JSONValue, at place: String) throws(LearningError) {
        var value = value
        if let problem = value["problem"]?.objectValue, var others = value.objectValue {
            others["problem"] = nil
            value = .object(problem.merging(others) { $1 })
        }
        guard let members = value.objectValue, let problem = WordProblem(document: value) else {
            throw ToolArguments.failure(place, "a problem with its question", value)
        }
        self.members = members
        self.problem = problem
        attempts = []
        for (index, attempt) in (value["attempts"]?.arrayValue ?? []).enumerated() {
            guard let attempt = Attempt(attempt) else {
                throw ToolArguments.failure(
                    "\(place).attempts[\(index)]", "an attempt with correct: true or false", attempt)
            }
            attempts.append(attempt)
        }
    }

    var right: Int { attempts.count(where: \.isRight) }

    /// The success that is written on it, or that of its attempts; nil where there is neither.
    var success: Double? {
        members["s"]?.doubleValue ?? (attempts.isEmpty ? nil : Double(right) / Double(attempts.count))
    }

    /// The zone that is written on it, or that of its attempts.
    var zone: DifficultyZone? {
        if let word = members["zone"]?.stringValue { return DifficultyZone(rawValue: word) }
        return attempts.isEmpty ? nil : DifficultyZone(right: right, of: attempts.count)
    }

    /// The words of the first wrong attempt, or those that are written on it.
    var failed: String? { members["failed"]?.stringValue ?? attempts.first { !$0.isRight && !$0.text.isEmpty }?.text }

    /// The problem with more written on it.
    func document(adding others: JSONValue.Members) -> JSONValue {
        .object(members.merging(others) { $1 })
    }
}

/// What a model is given and what it is to say, as the step `train` takes it.
struct ExampleWriter: Sendable {
    let prompt: String
    let system: String?
    /// How a problem's solution is written.
    let completion: String

    init(_ arguments: ToolArguments, prompt standard: String = "{question}") throws(LearningError) {
        prompt = try arguments.text("prompt") ?? standard
        system = try arguments.text("system")
        completion = try arguments.text("completion") ?? "{program}"
    }

    /// The solution of a problem as it is to be written; nil where none is known.
    func solution(of problem: WordProblem) -> String? {
        problem.program.map {
            completion.replacing("{program}", with: $0).replacing("{answer}", with: problem.answer)
        }
    }

    /// The words of a prompt.
    func words(question: String, failed: String = "", answer: String = "") -> String {
        prompt.replacing("{question}", with: question).replacing("{failed}", with: failed)
            .replacing("{answer}", with: answer)
    }

    /// `{prompt, completion}`, or `{messages, completion}` where the system says something.
    func example(_ prompt: String, completion: String) -> JSONValue.Members {
        guard let system else { return ["prompt": .string(prompt), "completion": .string(completion)] }
        return [
            "messages": [
                ["role": "system", "content": .string(system)], ["role": "user", "content": .string(prompt)],
            ],
            "completion": .string(completion),
        ]
    }

    /// `{sample}` of an attempt whose call is known, otherwise its words.
    func example(of attempt: ProblemRecord.Attempt, question: String) -> JSONValue.Members {
        if let sample = attempt.sample { return ["sample": .string(sample)] }
        return example(words(question: question), completion: attempt.text)
    }
}
