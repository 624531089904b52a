public import OrderedCollections
public import StoaCore

/// A question with the answer that is known to be right.
public struct Problem: Sendable, Hashable {
    /// Its name, unique in its file.
    public var id: String
    /// What is asked.
    public var question: String
    /// The right answer.
    public var answer: String
    /// Everything else that is known of it.
    public var fields: JSONValue.Members

    /// Creates a problem.
    ///
    /// - Parameters:
    ///   - id: its name, unique in its file.
    ///   - question: what is asked.
    ///   - answer: the right answer.
    ///   - fields: everything else that is known of it.
    public init(id: String, question: String, answer: String, fields: JSONValue.Members = [:]) {
        self.id = id
        self.question = question
        self.answer = answer
        self.fields = fields
    }

    /// `{id, question, answer, …}`.
    var document: JSONValue {
        var members: JSONValue.Members = [
            "id": .string(id), "question": .string(question), "answer": .string(answer),
        ]
        for (name, value) in fields where members[name] == nil { members[name] = value }
        return .object(members)
    }

    /// Reads the members of a document.
    ///
    /// - Parameters:
    ///   - members: `{id, question, answer, …}`; a number stands for its digits.
    ///   - place: the file and the line, for errors.
    ///   - fallback: the name where it has none.
    /// - Throws: `EvaluationError` for a member that is missing or no text.
    init(_ members: JSONValue.Members, at place: String, named fallback: String) throws(EvaluationError) {
        func text(_ name: String) throws(EvaluationError) -> String? {
            switch members[name] {
            case nil, .null?: return nil
            case .string(let text)?: return text
            case .integer?, .number?, .bool?: return members[name]?.text
            case .array?, .object?:
                throw EvaluationError(.invalidProblems, "\(place): \"\(name)\": expected a text or a number")
            }
        }
        func required(_ name: String) throws(EvaluationError) -> String {
            guard let found = try text(name) else {
                throw EvaluationError(
                    .invalidProblems, "\(place): \"\(name)\" is missing",
                    hint: "a problem is {\"id\", \"question\", \"answer\"}, and more fields if you like")
            }
            return found
        }
        id = try text("id") ?? fallback
        question = try required("question")
        answer = try required("answer")
        fields = members.filter { !["id", "question", "answer"].contains($0.key) }
    }
}
