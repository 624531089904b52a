internal import StoaCore

/// How several verdicts become one.
///
/// A verdict that was not decided is no vote against anything, and never one for it.
enum PanelRule: String, Sendable, CaseIterable {
    /// The first that can tell decides: what is cheap and certain comes first.
    case firstDecided = "first_decided"
    /// Accepted where everyone accepts, refused where one refuses.
    case all
    /// Accepted where one accepts, refused where everyone refuses.
    case any
    /// Accepted where a quorum accepts, refused where it cannot be reached any more by those who could tell.
    case majority
    /// Accepted where the weighted mean of the scores of those who can tell is above a threshold.
    case weighted
}

/// The votes of a panel so far.
struct PanelCount: Sendable {
    let rule: PanelRule
    /// How many vote in all.
    let members: Int
    /// How many must accept, for `majority`.
    let quorum: Int
    /// What each vote weighs, for `weighted`; 1 behind the end.
    let weights: [Double]
    /// What the mean must be above, for `weighted`.
    let threshold: Double
    private(set) var verdicts: [Verdict] = []

    init(_ rule: PanelRule, members: Int, quorum: Int? = nil, weights: [Double] = [], threshold: Double = 0.5) {
        self.rule = rule
        self.members = members
        self.quorum = quorum ?? members / 2 + 1
        self.weights = weights
        self.threshold = threshold
    }

    /// Takes the next verdict.
    mutating func add(_ verdict: Verdict) { verdicts.append(verdict) }

    private var accepting: Int { verdicts.count { $0.isDecided && $0.isAccepted } }
    private var refusing: Int { verdicts.count { $0.isDecided && !$0.isAccepted } }
    private var left: Int { members - verdicts.count }

    /// Whether those who have not voted yet cannot change anything.
    var isSettled: Bool {
        guard left > 0 else { return true }
        switch rule {
        case .firstDecided: return verdicts.contains(where: \.isDecided)
        case .all: return refusing > 0
        case .any: return accepting > 0
        case .majority:
            let isOpen = accepting + left >= quorum || members - refusing - left < quorum
            return accepting >= quorum || members - refusing < quorum || !isOpen
        case .weighted: return false
        }
    }

    /// What the votes come to.
    ///
    /// - Parameter name: the panel's name.
    /// - Returns: the verdict, with all votes; where one verifier decided it, by its name and with its reasons.
    func verdict(by name: String) -> Verdict {
        var verdict: Verdict
        switch rule {
        case .firstDecided: verdict = verdicts.first(where: \.isDecided) ?? undecided(name, "nobody could tell")
        case .all:
            if let refused = verdicts.first(where: { $0.isDecided && !$0.isAccepted }) {
                verdict = refused
            } else {
                verdict = accepting == members ? joint(true, name) : undecided(name, "not everyone could tell")
            }
        case .any:
            if let accepted = verdicts.first(where: \.isAccepted) {
                verdict = accepted
            } else {
                verdict =
                    refusing == members ? joint(false, name) : undecided(name, "nobody accepts, and not all could tell")
            }
        case .majority:
            if accepting >= quorum {
                verdict = joint(true, name)
            } else if members - refusing < quorum {
                verdict = joint(false, name)
            } else {
                verdict = undecided(name, "\(accepting) of \(members) accept, \(quorum) are needed")
            }
        case .weighted: verdict = weighted(name)
        }
        verdict.votes = verdicts.map(Verdict.Vote.init)
        // Whoever decided may have said more about the steps; that stays.
        return verdict
    }

    private var answer: String? { verdicts.lazy.compactMap(\.answer).first }

    private func undecided(_ name: String, _ why: String) -> Verdict {
        .undecided(verdicts.isEmpty ? "nobody voted" : why, by: name, answer: answer)
    }

    /// What several say together: the score is the mean of those who could tell.
    private func joint(_ isAccepted: Bool, _ name: String) -> Verdict {
        let scores = verdicts.filter(\.isDecided).map(\.score)
        return Verdict(
            isAccepted: isAccepted, score: scores.reduce(0, +) / Double(max(1, scores.count)), answer: answer,
            evidence: "\(accepting) accept, \(refusing) refuse, \(verdicts.count - accepting - refusing) cannot tell",
            verifier: name)
    }

    private func weighted(_ name: String) -> Verdict {
        var (sum, total) = (0.0, 0.0)
        for (index, verdict) in verdicts.enumerated() where verdict.isDecided {
            let weight = index < weights.count ? weights[index] : 1
            sum += weight * verdict.score
            total += weight
        }
        guard total > 0 else { return undecided(name, "nobody whose vote has a weight could tell") }
        let mean = sum / total
        return Verdict(
            isAccepted: mean > threshold, score: mean, answer: answer,
            evidence:
                "the weighted mean is \(Self.short(mean)), \(mean > threshold ? "" : "not ")above \(Self.short(threshold))",
            verifier: name)
    }

    private static func short(_ value: Double) -> String { NumberWords.short((value * 1000).rounded() / 1000) }
}
