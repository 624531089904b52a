internal import OrderedCollections
public import StoaCore

/// A word problem, with the program that its answer comes from where there is one.
public struct WordProblem: Sendable, Hashable {
    /// Its name within a curriculum.
    public var id: String
    /// The family that it was drawn from; nil where it was not.
    public var family: String?
    /// Its difficulty within the family.
    public var level: Int
    /// What is asked.
    public var question: String
    /// The expression over the question's numbers whose value is the answer; nil where it is not known.
    public var program: String?
    /// The answer as a decimal.
    public var answer: String
    /// Which wording of the family it is.
    public var wording: Int?

    /// Describes a problem.
    ///
    /// - Parameters:
    ///   - id: its name within a curriculum.
    ///   - family: the family that it was drawn from.
    ///   - level: its difficulty within the family.
    ///   - question: what is asked.
    ///   - program: the expression whose value is the answer.
    ///   - answer: the answer as a decimal.
    ///   - wording: which wording of the family it is.
    public init(
        id: String, family: String? = nil, level: Int = 1, question: String, program: String? = nil, answer: String,
        wording: Int? = nil
    ) {
        self.id = id
        self.family = family
        self.level = level
        self.question = question
        self.program = program
        self.answer = answer
        self.wording = wording
    }

    /// `{id, family, level, question, program, answer, wording}`.
    public var document: JSONValue {
        [
            "id": .string(id), "family": family.map { .string($0) } ?? .null, "level": .integer(Int64(level)),
            "question": .string(question), "program": program.map { .string($0) } ?? .null, "answer": .string(answer),
            "wording": wording.map { .integer(Int64($0)) } ?? .null,
        ]
    }

    /// Reads a document that has at least a question; nil for anything else.
    ///
    /// - Parameter document: the document; what is missing is empty, and an answer may be a number.
    public init?(document: JSONValue) {
        guard let question = document["question"]?.stringValue else { return nil }
        self.init(
            id: document["id"]?.stringValue ?? "", family: document["family"]?.stringValue,
            level: document["level"]?.intValue ?? 1, question: question, program: document["program"]?.stringValue,
            answer: Self.text(of: document["answer"]) ?? "", wording: document["wording"]?.intValue)
    }

    static func text(of value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .number(let number): JSONValue.number(number).text
        default: nil
        }
    }
}
