public import StoaCore

/// What cannot be learned from.
public struct LearningError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        public let description: String

        /// Creates a code.
        ///
        /// - Parameter description: the code as a word.
        public init(description: String) { self.description = description }

        /// Arrays that belong together and have different lengths.
        public static let lengthMismatch = Code(description: "length_mismatch")
        /// Calls that are no continuation of one another in the way their marks say.
        public static let inconsistentCalls = Code(description: "inconsistent_calls")
        /// A trajectory without the reward, or without the log-probabilities, that are needed of it.
        public static let missingValue = Code(description: "missing_value")
        /// A number that is out of its range.
        public static let invalidSetting = Code(description: "invalid_setting")
        /// A program of a word problem that is no expression.
        public static let invalidProgram = Code(description: "invalid_program")
        /// A family of word problems, or a list of words, that cannot be used.
        public static let invalidFamily = Code(description: "invalid_family")
        /// An argument of a tool that is missing, or of another form.
        public static let invalidArgument = Code(description: "invalid_argument")
    }

    /// The precise failure.
    public let code: Code
    /// What failed, on what, expected and found.
    public let message: String
    /// What to do next.
    public let hint: String?

    /// Bad input, always.
    public var kind: FailureKind { .badInput }

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: the precise failure.
    ///   - message: what failed, on what, expected and found.
    ///   - hint: what to do next.
    public init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

extension LearningError {
    /// Arrays of different lengths.
    static func lengthMismatch(_ what: String, in place: String, expected: Int, found: Int) -> LearningError {
        LearningError(.lengthMismatch, "\(place): expected \(expected) \(what), found \(found)")
    }

    /// A trajectory without something.
    static func missing(_ what: String, in place: String, hint: String) -> LearningError {
        LearningError(.missingValue, "\(place): expected \(what), found none", hint: hint)
    }
}
