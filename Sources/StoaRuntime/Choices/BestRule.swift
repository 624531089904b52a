internal import StoaCore

/// The candidate with the highest score; one without a score comes last.
enum BestRule: ChoiceRule {
    static let name = "best"

    static func choose(_ candidates: [Candidate], verifier: (any Verifier)?) -> Choice {
        var best = 0
        for (index, candidate) in candidates.enumerated()
        where candidate.score ?? -.infinity > candidates[best].score ?? -.infinity {
            best = index
        }
        return Choice(index: best, answer: candidates[best].answer(by: verifier), votes: 1)
    }
}
