internal import OrderedCollections

/// Who meets whom, and who has won.
///
/// Determinism: the matches follow from the number of candidates and from how those before came out; among equals the
/// candidate with the lowest index is ahead.
struct Tournament: Sendable {
    /// How the best is found.
    enum Form: String, Sendable, CaseIterable {
        /// Everyone meets everyone: n (n - 1) / 2 matches, and a ranking.
        case roundRobin = "round_robin"
        /// Whoever loses is out; n - 1 matches. In a tie the lower index stays.
        case knockout
    }

    /// A match that was played.
    struct Result: Sendable, Hashable {
        var first: Int
        var second: Int
        /// Who won; nil for a tie.
        var winner: Int?
    }

    let form: Form
    let count: Int
    private(set) var results: [Result] = []

    init(_ form: Form, count: Int) {
        self.form = form
        self.count = count
    }

    /// The next match; nil where all are played.
    var next: (first: Int, second: Int)? {
        switch form {
        case .roundRobin:
            var index = results.count
            for first in 0..<max(0, count - 1) {
                let others = count - 1 - first
                if index < others { return (first, first + 1 + index) }
                index -= others
            }
            return nil
        case .knockout:
            let round = remaining.round
            return round.count > 1 ? (round[0], round[1]) : nil
        }
    }

    /// Takes how a match came out.
    mutating func note(_ first: Int, _ second: Int, winner: Int?) {
        results.append(Result(first: first, second: second, winner: winner))
    }

    /// Who is still to play in the round of a knockout, the next two first, who has won in it, and who lost, the last one
    /// last.
    private var remaining: (round: [Int], winners: [Int], out: [Int]) {
        var (round, winners, out): ([Int], [Int], [Int]) = (Array(0..<count), [], [])
        for result in results {
            let stays = result.winner ?? min(result.first, result.second)
            out.append(stays == result.first ? result.second : result.first)
            round.removeFirst(min(2, round.count))
            winners.append(stays)
            // Whoever is left alone goes on to the next round.
            if round.count <= 1 { (round, winners) = ((winners + round).sorted(), []) }
        }
        return (round, winners, out)
    }

    /// What each candidate has won: a point for a match, half of one for a tie.
    var points: [Double] {
        var points = Array(repeating: 0.0, count: count)
        for result in results {
            if let winner = result.winner {
                points[winner] += 1
            } else {
                points[result.first] += 0.5
                points[result.second] += 0.5
            }
        }
        return points
    }

    /// How many matches each has played.
    var played: [Int] {
        var played = Array(repeating: 0, count: count)
        for result in results {
            played[result.first] += 1
            played[result.second] += 1
        }
        return played
    }

    /// The candidates, the best first.
    ///
    /// Of a knockout: the winner, then those who lost, the last to lose first.
    var ranking: [Int] {
        switch form {
        case .roundRobin:
            let points = points
            return (0..<count).sorted { points[$0] != points[$1] ? points[$0] > points[$1] : $0 < $1 }
        case .knockout:
            let (round, winners, out) = remaining
            return (winners + round).sorted() + out.reversed()
        }
    }
}
