internal import StoaCore

/// The first candidate with a score above 0; without scores, the first that gives an answer; else the first of all.
enum FirstRule: ChoiceRule {
    static let name = "first"

    static func choose(_ candidates: [Candidate], verifier: (any Verifier)?) -> Choice {
        let index =
            candidates.firstIndex { candidate in
                candidate.score.map { $0 > 0 } ?? (candidate.answer(by: verifier) != nil)
            } ?? 0
        return Choice(index: index, answer: candidates[index].answer(by: verifier), votes: 1)
    }
}
