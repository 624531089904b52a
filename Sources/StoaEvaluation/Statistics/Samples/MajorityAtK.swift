/// The chance that the answer which most of k tries give is right.
///
/// All subsets of k tries are taken into account at once, exactly, without drawing any: a class of equal answers has a
/// hypergeometric number of members in a subset, and the chances of all classes are folded one by one.
///
/// Ties go to the class whose first member comes first among all tries, so the vote is a function of the tries alone. A try
/// without an answer does not vote.
public struct MajorityAtK: Sendable, Hashable {
    /// Tries that give the same answer.
    public struct AnswerClass: Sendable, Hashable {
        /// How many they are.
        public var count: Int
        /// Whether the answer is right.
        public var isCorrect: Bool

        /// Creates a class.
        ///
        /// - Parameters:
        ///   - count: how many tries are in it.
        ///   - isCorrect: whether the answer is right.
        public init(count: Int, isCorrect: Bool) {
            self.count = count
            self.isCorrect = isCorrect
        }
    }

    /// The classes, in the order of their first members.
    public let classes: [AnswerClass]
    /// Tries that give no answer.
    public let silent: Int

    /// Creates a vote.
    ///
    /// - Parameters:
    ///   - classes: the classes, in the order of their first members.
    ///   - silent: tries that give no answer.
    public init(classes: [AnswerClass], silent: Int = 0) {
        self.classes = classes
        self.silent = silent
    }

    /// Sorts tries into classes.
    ///
    /// - Parameters:
    ///   - answers: the answer of each try; nil for none.
    ///   - correct: which of the tries are right; a class is right where its first member is.
    ///   - areEquivalent: whether two answers say the same.
    public init(answers: [String?], correct: [Bool], areEquivalent: (String, String) -> Bool) {
        var found: [(answer: String, value: AnswerClass)] = []
        var silent = 0
        for (index, answer) in answers.enumerated() {
            guard let answer else {
                silent += 1
                continue
            }
            if let place = found.firstIndex(where: { $0.answer == answer || areEquivalent($0.answer, answer) }) {
                found[place].value.count += 1
            } else {
                found.append((answer, AnswerClass(count: 1, isCorrect: correct[index])))
            }
        }
        self.init(classes: found.map(\.value), silent: silent)
    }

    /// How many tries there are.
    public var tries: Int { classes.reduce(silent) { $0 + $1.count } }

    /// The class that most tries are in; nil where none answers.
    public var winner: Int? {
        var best: Int?
        for (index, value) in classes.enumerated() where value.count > (best.map { classes[$0].count } ?? 0) {
            best = index
        }
        return best
    }

    /// The share of all tries that are in the winning class: what the vote says of itself.
    public var agreement: Double { winner.map { Double(classes[$0].count) / Double(tries) } ?? 0 }

    /// Whether the vote of all tries is right.
    public var isCorrect: Bool { winner.map { classes[$0].isCorrect } ?? false }

    /// The chance that the vote of k of the tries, drawn without putting back, is right.
    ///
    /// Complexity: classes² × k² steps.
    ///
    /// - Parameter k: how many tries vote.
    /// - Returns: the chance; nil where there are fewer than k tries.
    public func chance(k: Int) -> Double? {
        guard k >= 1, k <= tries else { return nil }
        guard k < tries else { return isCorrect ? 1 : 0 }
        var chance = 0.0
        for (index, value) in classes.enumerated() where value.isCorrect {
            for votes in 1...max(1, min(value.count, k)) { chance += wins(index, votes: votes, of: k) }
        }
        return chance
    }

    /// The chance that a class gets exactly so many votes, and no other class more, nor as many where it comes first.
    private func wins(_ winner: Int, votes: Int, of k: Int) -> Double {
        var population = tries - classes[winner].count
        let first = Hypergeometric.probability(
            of: votes, marked: classes[winner].count, population: tries, draws: k)
        // The chances of the votes that are still to be given, by their number.
        var left = Array(repeating: 0.0, count: k + 1)
        left[k - votes] = first
        for (index, value) in classes.enumerated() where index != winner {
            let most = index < winner ? votes - 1 : votes
            var next = Array(repeating: 0.0, count: k + 1)
            for (draws, chance) in left.enumerated() where chance > 0 {
                for given in 0...min(most, value.count, draws) {
                    next[draws - given] +=
                        chance
                        * Hypergeometric.probability(
                            of: given, marked: value.count, population: population, draws: draws)
                }
            }
            left = next
            population -= value.count
        }
        // What is still to be given goes to tries that say nothing, if there are as many.
        return left.prefix(silent + 1).reduce(0, +)
    }
}

/// How many marked elements a drawn subset has.
enum Hypergeometric {
    /// The probability of exactly so many.
    static func probability(of found: Int, marked: Int, population: Int, draws: Int) -> Double {
        let others = population - marked
        guard found >= 0, found <= marked, draws - found >= 0, draws - found <= others, draws <= population else {
            return 0
        }
        guard population > 0 else { return 1 }
        // Any p gives the same; this one keeps the three densities near 1.
        let p = Double(draws) / Double(population)
        let (x, m, n, r) = (Double(found), Double(marked), Double(others), Double(draws))
        return BinomialDistribution.density(x, m, p, 1 - p) * BinomialDistribution.density(r - x, n, p, 1 - p)
            / BinomialDistribution.density(r, m + n, p, 1 - p)
    }
}
