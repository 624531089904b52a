internal import StoaCore

extension EvaluationResult {
    /// How often the evaluated verifier is wrong; nil for an evaluation that is none of a verifier.
    ///
    /// It is one of a verifier where every right answer is `accepted` or `refused`: what should be said of an answer whose
    /// truth is known. A run that says anything else, or fails, has not decided.
    public var errorRates: ErrorRates? {
        var rates = ErrorRates()
        for item in items {
            guard let isRight = Self.verdict(definition.problems[item.problem].answer) else { return nil }
            rates.add(item.answer.flatMap(Self.verdict), isRight: isRight)
        }
        return items.isEmpty ? nil : rates
    }

    private static func verdict(_ text: String) -> Bool? {
        switch text.filter({ !$0.isWhitespace }) {
        case "accepted": true
        case "refused": false
        default: nil
        }
    }
}
