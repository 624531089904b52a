public import StoaCore

/// Wants an answer that is marked as one: `\boxed{…}`, `#### N` or `the answer is N`.
///
/// With a reference, the answer has to be the same too: as a number where both are numbers, otherwise letter for letter but
/// for spaces. Without one, it is enough that there is an answer.
public struct BoxedVerifier: Verifier {
    /// Creates the verifier.
    public init() {}

    /// `boxed`.
    public var name: String { "boxed" }

    /// The answer that a text marks as its answer; nil where it marks none.
    ///
    /// - Parameter text: what a model said.
    /// - Returns: the answer as it stands there.
    public func extract(_ text: String) -> String? {
        FinalAnswer(in: text, rules: FinalAnswer.Rule.explicit).flatMap { $0.text.isEmpty ? nil : $0.text }
    }

    /// Whether two answers are the same number, or the same text.
    ///
    /// - Parameters:
    ///   - first: an answer.
    ///   - second: another.
    /// - Returns: false where only one of them is a number, and for empty ones.
    public func areEquivalent(_ first: String, _ second: String) -> Bool {
        switch (NumericAnswer(first), NumericAnswer(second)) {
        case (let first?, let second?): return first.isEquivalent(to: second)
        case (nil, nil):
            // Nobody gives an answer of that length.
            guard max(first.utf8.count, second.utf8.count) <= NumberLimits.windowBytes else { return false }
            let words = (Self.words(first), Self.words(second))
            return !words.0.isEmpty && words.0 == words.1
        default: return false
        }
    }

    private static func words(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }

    /// Judges whether a text marks its answer, and whether it is the right one.
    ///
    /// - Parameter request: the text, and the answer that it should give: alone, or marked in a worked solution.
    /// - Returns: accepted with 1, or rejected with 0.
    public func verify(_ request: VerificationRequest) -> Verdict {
        func verdict(_ isAccepted: Bool, _ answer: String?, _ evidence: String) -> Verdict {
            Verdict(
                isAccepted: isAccepted, score: isAccepted ? 1 : 0, answer: answer, evidence: evidence, verifier: name)
        }
        guard let found = FinalAnswer(in: request.text, rules: FinalAnswer.Rule.explicit) else {
            return verdict(
                false, nil, "no marked answer: expected \\boxed{…}, \"#### N\" or \"the answer is N\"")
        }
        guard !found.text.isEmpty else { return verdict(false, nil, "the last box is empty") }
        guard let reference = request.reference else {
            return verdict(true, found.text, "the answer is marked: \(quoted(found.text))")
        }
        let isSame = areEquivalent(found.text, extract(reference) ?? reference)
        return verdict(
            isSame, found.text, "\(quoted(found.text)) \(isSame ? "equals" : "does not equal") \(quoted(reference))")
    }
}
