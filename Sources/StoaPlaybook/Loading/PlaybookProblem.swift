public import StoaCore

/// Something in the files of a playbook that cannot be accepted.
public struct PlaybookProblem: Sendable, Hashable, CustomStringConvertible {
    /// Where it is.
    public var position: SourcePosition
    /// What is wrong: one sentence.
    public var message: String
    /// What could be done about it.
    public var suggestion: String?

    /// Creates a problem.
    ///
    /// - Parameters:
    ///   - position: where it is.
    ///   - message: what is wrong: one sentence.
    ///   - suggestion: what could be done about it.
    public init(position: SourcePosition, message: String, suggestion: String? = nil) {
        self.position = position
        self.message = message
        self.suggestion = suggestion
    }

    /// The file's path.
    public var file: String { position.file }
    /// The line, from 1.
    public var line: Int { position.line }
    /// The column in Unicode scalars, from 1.
    public var column: Int { position.column }

    /// `file:line:column: message (suggestion)`.
    public var description: String { "\(position): \(message)" + (suggestion.map { " (\($0))" } ?? "") }

    /// `{file, line, column, message, suggestion}`.
    public var document: JSONValue {
        [
            "file": .string(file), "line": .integer(Int64(line)), "column": .integer(Int64(column)),
            "message": .string(message), "suggestion": suggestion.map { .string($0) } ?? .null,
        ]
    }
}

/// A playbook that cannot be found or accepted.
public struct PlaybookError: StoaError, Hashable {
    /// What went wrong, as a closed set of classes.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// There is no such playbook.
        case notFound
        /// A file cannot be read.
        case unreadable
        /// There are problems in the files.
        case invalid
    }

    /// The class of the failure.
    public let code: Code
    /// What is wrong.
    public let message: String
    /// What to do.
    public let hint: String?
    /// The problems in the files; empty for other failures.
    public let problems: [PlaybookProblem]

    init(code: Code, message: String, hint: String? = nil, problems: [PlaybookProblem] = []) {
        self.code = code
        self.message = message
        self.hint = hint
        self.problems = problems
    }

    /// The error of a playbook with problems.
    static func invalid(_ name: String, _ problems: [PlaybookProblem]) -> PlaybookError {
        invalid("playbook \(name)", list: problems)
    }

    /// The error of a tool with problems.
    static func invalidTool(_ name: String, _ problems: [PlaybookProblem]) -> PlaybookError {
        invalid("tool \(name)", list: problems)
    }

    /// The error of records with problems.
    static func invalidRecords(_ path: String, _ problems: [PlaybookProblem]) -> PlaybookError {
        invalid("records \(path)", list: problems)
    }

    private static func invalid(_ what: String, list problems: [PlaybookProblem]) -> PlaybookError {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return PlaybookError(
            code: .invalid,
            message: "\(what) has \(count):\n" + problems.map { "  \($0)" }.joined(separator: "\n"),
            problems: problems)
    }

    /// Usage for a playbook that does not exist, bad input for everything else.
    public var kind: FailureKind { code == .notFound ? .usage : .badInput }
}
