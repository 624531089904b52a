internal import StoaCore

/// The answer that most candidates give; candidates without an answer do not vote.
///
/// Source: self-consistency, arXiv 2203.11171.
enum MajorityRule: ChoiceRule {
    static let name = "majority"

    static func choose(_ candidates: [Candidate], verifier: (any Verifier)?) -> Choice {
        var groups: [(index: Int, answer: String, votes: Int)] = []
        for (index, candidate) in candidates.enumerated() {
            guard let answer = candidate.answer(by: verifier) else { continue }
            let place = groups.firstIndex { verifier?.areEquivalent($0.answer, answer) ?? ($0.answer == answer) }
            if let place { groups[place].votes += 1 } else { groups.append((index, answer, 1)) }
        }
        var best: (index: Int, answer: String, votes: Int)?
        for group in groups where group.votes > best?.votes ?? 0 { best = group }
        guard let best else { return Choice(index: 0, answer: nil, votes: 0) }
        return Choice(index: best.index, answer: best.answer, votes: best.votes)
    }
}
