/// Pairs of a right and a wrong solution of one problem.
///
/// All right attempts with all wrong ones; the reference solution stands in where no attempt is right, and there is none
/// where no attempt is wrong.
///
/// Ours: pairs of the same text, or of the same final answer (which a judge called both right and wrong), are left out,
/// and no more than a few pairs are kept of a problem: those that use every attempt about equally often, and among these
/// the ones whose lengths are closest, so that length is not what is learned.
///
/// Source: Socratic-Zero, arXiv:2509.24726: Y_w × Y_l.
public struct PreferencePairs: Sendable, Hashable {
    /// A solution of a problem.
    public struct Attempt: Sendable, Hashable {
        /// Its words.
        public var text: String
        /// Its final answer; nil where it has none.
        public var answer: String?
        /// Whether it is right.
        public var isRight: Bool
        /// How long it is, in tokens.
        public var length: Int

        /// Describes a solution.
        ///
        /// - Parameters:
        ///   - text: its words.
        ///   - answer: its final answer.
        ///   - isRight: whether it is right.
        ///   - length: how long it is, in tokens.
        public init(text: String, answer: String? = nil, isRight: Bool, length: Int) {
            self.text = text
            self.answer = answer
            self.isRight = isRight
            self.length = length
        }
    }

    /// A preference.
    public struct Pair: Sendable, Hashable {
        /// The right solution.
        public var chosen: Attempt
        /// The wrong one.
        public var rejected: Attempt
    }

    /// The most pairs of a problem; nil for all.
    public var maximum: Int?

    /// Creates a rule.
    ///
    /// - Parameter maximum: the most pairs of a problem.
    public init(maximum: Int? = 4) { self.maximum = maximum }

    /// The pairs of a problem.
    ///
    /// Determinism: in the order of the right attempts, then of the wrong ones; no chance is drawn on.
    ///
    /// - Parameters:
    ///   - attempts: the attempts.
    ///   - reference: a solution that is known to be right; nil where there is none.
    /// - Returns: the pairs.
    public func pairs(of attempts: [Attempt], reference: Attempt? = nil) -> [Pair] {
        var right = attempts.filter(\.isRight)
        if right.isEmpty, let reference { right = [reference] }
        let wrong = attempts.filter { !$0.isRight }
        var candidates: [(right: Int, wrong: Int)] = []
        for first in right.indices {
            for second in wrong.indices where Self.differ(right[first], wrong[second]) {
                candidates.append((first, second))
            }
        }
        guard let maximum, candidates.count > maximum else {
            return candidates.map { Pair(chosen: right[$0.right], rejected: wrong[$0.wrong]) }
        }
        var rightUses = Array(repeating: 0, count: right.count)
        var wrongUses = Array(repeating: 0, count: wrong.count)
        var kept: [Int] = []
        for _ in 0..<maximum {
            func cost(_ index: Int) -> (Int, Int, Int) {
                let (first, second) = candidates[index]
                return (
                    rightUses[first] + wrongUses[second], abs(right[first].length - wrong[second].length), index
                )
            }
            guard let best = candidates.indices.filter({ !kept.contains($0) }).min(by: { cost($0) < cost($1) })
            else { break }
            kept.append(best)
            rightUses[candidates[best].right] += 1
            wrongUses[candidates[best].wrong] += 1
        }
        return kept.sorted().map { Pair(chosen: right[candidates[$0].right], rejected: wrong[candidates[$0].wrong]) }
    }

    private static func differ(_ right: Attempt, _ wrong: Attempt) -> Bool {
        guard right.text != wrong.text else { return false }
        guard let answer = right.answer else { return true }
        return answer != wrong.answer
    }
}
