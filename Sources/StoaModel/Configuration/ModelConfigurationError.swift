public import StoaCore

/// A configuration that describes no model that this engine can run.
public struct ModelConfigurationError: StoaError, Hashable {
    /// The file or folder that it came from.
    public let path: String
    /// The field, as the file names it.
    public let field: String
    /// Expected and found.
    public let problem: String
    /// What the reader can do about it.
    public let hint: String?

    package init(path: String, field: String, problem: String, hint: String? = nil) {
        self.path = path
        self.field = field
        self.problem = problem
        self.hint = hint
    }

    /// Always bad input.
    public var kind: FailureKind { .badInput }
    /// Field, problem and path.
    public var message: String { "model configuration \(field): \(problem) (\(path))" }
}
