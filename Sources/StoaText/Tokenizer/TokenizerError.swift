public import StoaCore

/// A vocabulary, a tokenizer file or a list of ids that cannot be accepted.
public struct TokenizerError: StoaError, Hashable {
    /// The kinds of offence; more may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// The file is not what its format demands.
        public static let malformed = Code(description: "malformed")
        /// The file is well formed and asks for something that is not implemented.
        public static let unsupported = Code(description: "unsupported")
        /// The vocabulary contradicts itself or lacks what its model needs.
        public static let invalidVocabulary = Code(description: "invalidVocabulary")
        /// An id outside the vocabulary.
        public static let unknownToken = Code(description: "unknownToken")
    }

    /// What kind of offence it is.
    public let code: Code
    /// What failed, on what, expected and found.
    public let message: String
    /// What the reader can do about it.
    public let hint: String?
    /// Always bad input.
    public var kind: FailureKind { .badInput }

    init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = "tokenizer: " + message
        self.hint = hint
    }
}
