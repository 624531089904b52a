public import StoaCore

/// What goes wrong with an evaluation, rather than in the runs that it consists of.
public struct EvaluationError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        public let description: String

        /// A file of problems that cannot be read as one.
        public static let invalidProblems = Code(description: "invalid_problems")
        /// A playbook that cannot be evaluated on these problems.
        public static let unsuitablePlaybook = Code(description: "unsuitable_playbook")
        /// There is no such verifier.
        public static let unknownVerifier = Code(description: "unknown_verifier")
        /// A run of the journal that is no evaluation, or one that is damaged.
        public static let notAnEvaluation = Code(description: "not_an_evaluation")
        /// Two evaluations that were not asked the same.
        public static let notComparable = Code(description: "not_comparable")
    }

    /// The precise failure.
    public let code: Code
    /// The class of the failure.
    public let kind: FailureKind
    /// What failed, on what, expected and found.
    public let message: String
    /// What to do next.
    public let hint: String?

    init(_ code: Code, kind: FailureKind = .badInput, _ message: String, hint: String? = nil) {
        self.code = code
        self.kind = kind
        self.message = message
        self.hint = hint
    }
}
