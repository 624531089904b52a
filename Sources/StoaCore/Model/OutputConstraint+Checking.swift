extension OutputConstraint {
    /// What keeps a text from being what is wanted, in words that whoever wrote it can mend it by.
    ///
    /// For replies of servers, which need not keep to what they are sent. Regular expressions are the engine's matter and are
    /// not looked at here.
    ///
    /// - Parameter text: a reply.
    /// - Returns: the problem; nil where there is none.
    public func problem(with text: String) -> String? {
        switch self {
        case .schema(let schema):
            do {
                let problems = schema.problems(of: try JSONParser.parse(text), named: "reply")
                return problems.isEmpty ? nil : problems.prefix(4).map(\.description).joined(separator: "; ")
            } catch {
                return "not JSON: line \(error.line), column \(error.column): \(error.reason)"
            }
        case .choices(let texts):
            return texts.contains(text)
                ? nil : "not one of \(texts.map { JSONValue.string($0).text }.joined(separator: ", "))"
        case .regex: return nil
        }
    }

    /// What goes on with a conversation whose last reply is not what is wanted.
    ///
    /// - Parameters:
    ///   - reply: the reply.
    ///   - problem: what keeps it from being what is wanted.
    /// - Returns: the reply, and a wish for another one.
    public func repair(of reply: String, _ problem: String) -> [ChatMessage] {
        let wanted =
            switch self {
            case .schema: "the JSON that was asked for"
            case .regex, .choices: "what was asked for"
            }
        return [
            ChatMessage(.assistant, reply),
            ChatMessage(.user, "That is not \(wanted): \(problem). Reply with nothing but that."),
        ]
    }
}
