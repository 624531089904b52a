public import StoaCore

/// Something in a playbook that cannot be accepted.
public struct PlanProblem: Sendable, Hashable, CustomStringConvertible {
    /// A place inside a text of the document.
    public struct Place: Sendable, Hashable {
        /// The line, from 1.
        public var line: Int
        /// The column in Unicode scalars, from 1.
        public var column: Int

        /// Creates a place.
        ///
        /// - Parameters:
        ///   - line: the line, from 1.
        ///   - column: the column in Unicode scalars, from 1.
        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    /// Where it is.
    public var path: PlanPath
    /// Whether it is about the key at the path, rather than about its value.
    public var isAboutKey: Bool
    /// Where in the text at the path it is; nil for the whole value.
    public var place: Place?
    /// What is wrong: one sentence.
    public var message: String
    /// What could be done about it.
    public var suggestion: String?

    /// Creates a problem.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - message: what is wrong: one sentence.
    ///   - suggestion: what could be done about it.
    ///   - isAboutKey: whether it is about the key at the path, rather than about its value.
    ///   - place: where in the text at the path it is.
    public init(
        path: PlanPath, message: String, suggestion: String? = nil, isAboutKey: Bool = false, place: Place? = nil
    ) {
        self.path = path
        self.message = message
        self.suggestion = suggestion
        self.isAboutKey = isAboutKey
        self.place = place
    }

    /// The path, the place in the text, the message, and the suggestion in parentheses.
    public var description: String {
        let inside = place.map { " (\($0.line):\($0.column) of the text)" } ?? ""
        return "\(path)\(inside): \(message)" + (suggestion.map { " (\($0))" } ?? "")
    }
}

/// Everything in a playbook that cannot be accepted.
public struct PlanProblems: StoaError, Hashable {
    /// The problems, in the order of the document; at least one.
    public let problems: [PlanProblem]

    /// Creates the error.
    ///
    /// - Parameter problems: the problems; at least one.
    public init(_ problems: [PlanProblem]) {
        precondition(!problems.isEmpty, "an error needs a problem")
        self.problems = problems
    }

    /// Always bad input.
    public var kind: FailureKind { .badInput }
    /// How many problems there are, and each on a line of its own.
    public var message: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return "the playbook has \(count):\n" + problems.map { "  \($0)" }.joined(separator: "\n")
    }
    /// Where to look.
    public var hint: String? { nil }
}
