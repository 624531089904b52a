/// What is wrong with an attempt at a problem, as far as its expression shows.
public enum AttemptError: String, Sendable, Hashable, CaseIterable {
    /// There is no expression to be read in it.
    case format
    /// The right numbers, joined in another way.
    case operation
    /// A number of the question that does not belong.
    case distractor
    /// A number that the question does not have.
    case number
    /// Only some of the numbers that are needed.
    case incomplete
    /// Something else.
    case other

    /// Finds what is wrong with an attempt.
    ///
    /// - Parameters:
    ///   - text: the attempt's words.
    ///   - question: the question.
    ///   - program: the program that the answer comes from; nil where none is known.
    public init(of text: String, question: String, program: String?) {
        guard let attempt = Self.program(in: text) else {
            self = .format
            return
        }
        let asked = QuestionNumbers(question).numbers.map(\.value)
        let needed = (program.flatMap { try? ProblemProgram($0) })?.numbers ?? []
        let used = attempt.numbers
        let strange = Self.rest(of: used, without: asked)
        if !strange.isEmpty, !Self.rest(of: strange, without: needed).isEmpty {
            self = .number
        } else if needed.isEmpty {
            self = .other
        } else if used.sorted() == needed.sorted() {
            self = .operation
        } else if !Self.rest(of: used, without: needed).isEmpty {
            self = .distractor
        } else {
            self = Self.rest(of: needed, without: used).isEmpty ? .other : .incomplete
        }
    }

    /// The last expression with an operator that stands in a text.
    static func program(in text: String) -> ProblemProgram? {
        let symbols = Set("0123456789.+-*/() ")
        var parts: [String] = []
        var part = ""
        for character in text.replacing("×", with: "*").replacing("÷", with: "/").replacing(",", with: "") {
            if symbols.contains(character) {
                part.append(character)
            } else {
                parts.append(part)
                part = ""
            }
        }
        parts.append(part)
        for part in parts.reversed() {
            let trimmed = String(
                part.drop { $0 == " " || $0 == "." }.reversed().drop { $0 == " " || $0 == "." }.reversed())
            guard let program = try? ProblemProgram(trimmed), !program.operators.isEmpty else { continue }
            return program
        }
        return nil
    }

    private static func rest(of numbers: [Fraction], without others: [Fraction]) -> [Fraction] {
        var rest = numbers
        for other in others {
            if let index = rest.firstIndex(of: other) { rest.remove(at: index) }
        }
        return rest
    }
}
