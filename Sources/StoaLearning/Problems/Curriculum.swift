public import StoaCore

/// Chooses which families, and which levels of them, new problems are drawn from.
///
/// Uniformly, it looks at nothing but the families' own weights. Adaptively, a family is drawn the more often the more the
/// solver fails in it, at levels whose expected success is worth something; a share goes to all families alike, and in each
/// family a part to all levels, so that nothing is forgotten and nothing remains unknown.
public struct Curriculum: Sendable, Hashable {
    /// A family and a level.
    public struct Choice: Sendable, Hashable {
        /// The family's name.
        public var family: String
        /// The level.
        public var level: Int
    }

    /// What success is worth.
    public var utility: ProblemUtility
    /// The share that goes to all families alike.
    public var floor: Double
    /// The levels that are drawn from.
    public var levels: [Int]

    /// What a family is worth that is mastered, of one that always fails.
    private static let mastered = 0.25
    /// The part of a family's problems that goes to all levels alike.
    private static let levelFloor = 0.1
    /// The steepest tilt towards levels that are hard, or easy.
    private static let steepest = 16.0

    /// Creates a curriculum.
    ///
    /// - Parameters:
    ///   - utility: what success is worth.
    ///   - floor: the share that goes to all families alike, 0 to 1.
    ///   - levels: the levels that are drawn from.
    public init(utility: ProblemUtility = ProblemUtility(), floor: Double = 0.25, levels: [Int] = [1, 2, 3, 4, 5]) {
        self.utility = utility
        self.floor = floor
        self.levels = levels.isEmpty ? [1] : levels
    }

    /// Chooses without looking at the solver.
    ///
    /// - Parameters:
    ///   - count: how many problems are wanted.
    ///   - families: the families.
    ///   - stream: whose chance is drawn on.
    /// - Returns: a family and a level for each problem.
    public func uniform(_ count: Int, of families: [ProblemFamily], stream: RandomStream) -> [Choice] {
        choices(
            count, of: families, levels: families.map { _ in levels.map { _ in 1 } }, families.map(\.weight), stream)
    }

    /// Chooses by what the solver can and cannot do.
    ///
    /// - Parameters:
    ///   - count: how many problems are wanted.
    ///   - families: the families.
    ///   - standing: what is known of the solver.
    ///   - stream: whose chance is drawn on.
    /// - Returns: a family and a level for each problem.
    public func adaptive(
        _ count: Int, of families: [ProblemFamily], standing: SolverStanding, stream: RandomStream
    ) -> [Choice] {
        let expectation = SolverExpectation(standing)
        let alike = min(count, Int((floor * Double(count)).rounded(.up)))
        let successes = families.map { family in levels.map { expectation.success(family: family.name, level: $0) } }
        let weights = zip(families, successes).map { family, successes in
            let best = successes.min { abs($0 - utility.target) < abs($1 - utility.target) } ?? 0
            return family.weight * (Self.mastered + (1 - Self.mastered) * (1 - best))
        }
        let shares = zip(families, weights).map { family, weight in
            floor * family.weight / max(families.map(\.weight).reduce(0, +), 1e-9)
                + (1 - floor) * weight / max(weights.reduce(0, +), 1e-9)
        }
        let levelWeights = levelWeights(successes, shares)
        return choices(alike, of: families, levels: levelWeights, families.map(\.weight), stream.child("floor"))
            + choices(count - alike, of: families, levels: levelWeights, weights, stream.child("adaptive"))
    }

    /// What the levels of each family weigh: their utilities, tilted so that success on all problems together is expected to
    /// be the target, as far as there are levels that are hard or easy enough.
    ///
    /// Without the tilt, where most levels are too easy the many that are nearly worthless outweigh the few that are not.
    private func levelWeights(_ successes: [[Double]], _ shares: [Double]) -> [[Double]] {
        func weights(_ tilt: Double) -> [[Double]] {
            successes.map { successes in
                let worth = successes.map {
                    utility.value(successRate: $0) * PortableMath.exp(-tilt * ($0 - utility.target)) + 1e-9
                }
                let total = worth.reduce(0, +)
                return worth.map { Self.levelFloor / Double(levels.count) + (1 - Self.levelFloor) * $0 / total }
            }
        }
        func expected(_ weights: [[Double]]) -> Double {
            zip(shares, zip(weights, successes)).reduce(0) { sum, family in
                sum + family.0 * zip(family.1.0, family.1.1).reduce(0) { $0 + $1.0 * $1.1 }
            }
        }
        var (low, high) = (-Self.steepest, Self.steepest)
        for _ in 0..<24 {
            let middle = (low + high) / 2
            if expected(weights(middle)) > utility.target { low = middle } else { high = middle }
        }
        return weights((low + high) / 2)
    }

    private func choices(
        _ count: Int, of families: [ProblemFamily], levels weights: [[Double]], _ familyWeights: [Double],
        _ stream: RandomStream
    ) -> [Choice] {
        var chance = Chance(stream)
        var choices: [Choice] = []
        // Systematic sampling: shares are met as well as whole numbers allow, whatever the number.
        let total = familyWeights.reduce(0, +)
        guard total > 0, count > 0 else { return [] }
        let step = total / Double(count)
        var position = chance.uniform() * step
        var (family, end) = (0, familyWeights[0])
        for _ in 0..<count {
            while position >= end, family + 1 < families.count {
                family += 1
                end += familyWeights[family]
            }
            let level = chance.index(weights: weights[family]) ?? 0
            choices.append(Choice(family: families[family].name, level: levels[level]))
            position += step
        }
        return chance.shuffled(choices)
    }
}
