public import StoaCore

/// Compares the one number that a text comes to with the one that it should come to.
///
/// The number is that of the last box, else of `#### N`, else of `the answer is N`, else the result of the last
/// calculation, else the last one in the text. Numbers are compared exactly; see `NumericAnswer` for what counts as the
/// same. Whatever is no number equals nothing. Without a reference nothing is accepted: there is nothing to be right about.
public struct NumericVerifier: Verifier {
    /// Creates the verifier.
    public init() {}

    /// `numeric`.
    public var name: String { "numeric" }

    /// The final answer that a text gives; nil where it gives none.
    ///
    /// - Parameter text: what a model said.
    /// - Returns: the answer as it stands there; the content of a box may be no number.
    public func extract(_ text: String) -> String? {
        FinalAnswer(in: text).flatMap { $0.text.isEmpty ? nil : $0.text }
    }

    /// Whether two answers are the same number.
    ///
    /// - Parameters:
    ///   - first: an answer.
    ///   - second: another.
    /// - Returns: false where one of them is no number.
    public func areEquivalent(_ first: String, _ second: String) -> Bool {
        guard let first = NumericAnswer(first), let second = NumericAnswer(second) else { return false }
        return first.isEquivalent(to: second)
    }

    /// Judges the number that a text comes to.
    ///
    /// - Parameter request: the text, and the number that it should come to: alone, or at the end of a worked solution.
    /// - Returns: accepted with 1, or rejected with 0; undecided where a side is no number, which is not accepted.
    public func verify(_ request: VerificationRequest) -> Verdict {
        func verdict(_ isAccepted: Bool, _ answer: String?, _ evidence: String) -> Verdict {
            Verdict(
                isAccepted: isAccepted, score: isAccepted ? 1 : 0, answer: answer, evidence: evidence, verifier: name)
        }
        func undecided(_ answer: String, _ evidence: String) -> Verdict {
            .undecided(evidence, by: name, answer: answer)
        }
        guard let found = FinalAnswer(in: request.text) else { return verdict(false, nil, "no number in the text") }
        guard !found.text.isEmpty else { return verdict(false, nil, "the last box is empty") }
        guard let number = NumericAnswer(found.text) else {
            return undecided(found.text, "the answer \(quoted(found.text)) is not a number")
        }
        guard let reference = request.reference else {
            return undecided(found.text, "no reference to compare \(quoted(found.text)) with")
        }
        guard let expected = NumericAnswer(reference) ?? FinalAnswer(in: reference).flatMap({ NumericAnswer($0.text) })
        else { return undecided(found.text, "the reference \(quoted(reference)) is not a number") }
        let isSame = number.isEquivalent(to: expected)
        return verdict(
            isSame, found.text, "\(quoted(found.text)) \(isSame ? "equals" : "does not equal") \(quoted(reference))")
    }
}
