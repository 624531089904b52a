public import StoaCore

/// Compares the answer that a text states with the one that it should state, as mathematics.
///
/// See `Equivalence` for what counts as the same. The answer is that of the last box, else of `####`, else of `the answer
/// is …`, else the whole text; a number that nobody marked is none, for which there is `NumericVerifier`. Without a
/// reference nothing is accepted: there is nothing to be right about.
public struct EquivalentVerifier: Verifier {
    /// Creates the verifier.
    public init() {}

    /// `equivalent`.
    public var name: String { "equivalent" }

    /// The answer that a text states; nil where it states none.
    ///
    /// - Parameter text: what a model said.
    /// - Returns: the answer as it stands there.
    public func extract(_ text: String) -> String? {
        StatedAnswer(in: text).flatMap { $0.text.isEmpty ? nil : $0.text }
    }

    /// Whether two answers say the same.
    ///
    /// - Parameters:
    ///   - first: an answer.
    ///   - second: another.
    /// - Returns: false where one of them cannot be understood.
    public func areEquivalent(_ first: String, _ second: String) -> Bool {
        Equivalence.decide(answer: first, reference: second).isEquivalent
    }

    /// Judges the answer that a text states.
    ///
    /// - Parameter request: the text, and the answer that it should state: alone, or marked in a worked solution.
    /// - Returns: accepted with 1, or rejected with 0; undecided where `Equivalence` cannot tell, which is not accepted.
    public func verify(_ request: VerificationRequest) -> Verdict {
        let answer = extract(request.text)
        func verdict(_ isAccepted: Bool, _ evidence: String, isDecided: Bool = true) -> Verdict {
            Verdict(
                isAccepted: isAccepted, score: isAccepted ? 1 : 0, answer: answer, evidence: evidence, verifier: name,
                isDecided: isDecided)
        }
        guard let answer else { return verdict(false, "no answer in the text") }
        guard let reference = request.reference else {
            return verdict(false, "no reference to compare \(quoted(answer)) with", isDecided: false)
        }
        let decision = Equivalence.decide(answer: request.text, reference: reference)
        let said = "\(quoted(answer)) \(decision.isEquivalent ? "equals" : "does not equal") \(quoted(reference))"
        switch decision.method {
        case .unreadable:
            let unread = decision.normalised[0].isEmpty ? answer : reference
            return verdict(false, "\(said): \(quoted(unread)) cannot be understood", isDecided: decision.isDecided)
        case .limit: return verdict(false, "\(said): comparing them takes too much work", isDecided: false)
        default:
            let proof = decision.isDecided ? "" : ", and neither is proved"
            return verdict(
                decision.isEquivalent, "\(said), compared as \(decision.method.rawValue)\(proof)",
                isDecided: decision.isDecided)
        }
    }
}
