/// Something that judges answers.
public protocol Verifier: Sendable {
    /// Its name, as playbooks use it.
    var name: String { get }

    /// The final answer that a text gives; nil where it gives none.
    ///
    /// - Parameter text: what a model said.
    /// - Returns: the answer as it stands there.
    func extract(_ text: String) -> String?

    /// Whether two answers are the same.
    func areEquivalent(_ first: String, _ second: String) -> Bool

    /// Judges a text.
    ///
    /// Determinism: a pure function of the request.
    ///
    /// - Parameter request: the text, and what it should come to.
    /// - Returns: the judgement; a text that cannot be understood is rejected, with the reason as evidence.
    func verify(_ request: VerificationRequest) -> Verdict
}

/// What a verifier is asked.
public struct VerificationRequest: Sendable, Hashable {
    /// What a model said.
    public var text: String
    /// What it should come to; nil where nobody knows.
    public var reference: String?
    /// The question, for verifiers that need it.
    public var question: String?

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - text: what a model said.
    ///   - reference: what it should come to.
    ///   - question: the question.
    public init(text: String, reference: String? = nil, question: String? = nil) {
        self.text = text
        self.reference = reference
        self.question = question
    }
}
