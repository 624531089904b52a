/// The success that is to be expected of a solver on problems that it has not tried.
///
/// A few attempts at a family say little, so that three sources are put together: what was seen of the family at the
/// level; how much better or worse the family goes than others at the levels where it was tried; and how all families go at
/// the level. Each is drawn towards the next by the weight of a few attempts.
///
/// Determinism: sums run in the order of names and levels.
public struct SolverExpectation: Sendable {
    private let standing: SolverStanding
    private let levels: [Int: Double]
    private let offsets: [String: Double]

    /// Attempts that a guess weighs.
    private static let guessed = 4.0
    /// How much success falls from a level to the next, where nothing else is known.
    private static let slope = 0.12
    /// What is expected of the middle level before anything was tried.
    private static let unknown = 0.5

    /// Prepares what is expected.
    ///
    /// - Parameter standing: what is known of the solver.
    public init(_ standing: SolverStanding) {
        self.standing = standing
        let families = standing.families.sorted { $0.key < $1.key }
        var pooled: [Int: SolverStanding.Count] = [:]
        for (_, counts) in families {
            for (level, count) in counts {
                pooled[level, default: SolverStanding.Count()].seen += count.seen
                pooled[level, default: SolverStanding.Count()].right += count.right
            }
        }
        var levels: [Int: Double] = [:]
        for level in ProblemFamily.levels {
            let guess = Self.nearest(pooled, to: level) ?? Self.shifted(Self.unknown, by: level - 3)
            levels[level] = Self.drawn(pooled[level] ?? SolverStanding.Count(), towards: guess)
        }
        var offsets: [String: Double] = [:]
        for (family, counts) in families {
            var (difference, seen) = (0.0, 0.0)
            for (level, count) in counts.sorted(by: { $0.key < $1.key }) {
                difference += count.right - count.seen * (levels[level] ?? Self.unknown)
                seen += count.seen
            }
            offsets[family] = difference / (seen + Self.guessed)
        }
        self.levels = levels
        self.offsets = offsets
    }

    /// The success that is to be expected.
    ///
    /// - Parameters:
    ///   - family: the family's name.
    ///   - level: the level, 1 to 5.
    /// - Returns: 0 to 1.
    public func success(family: String, level: Int) -> Double {
        let guess = min(max((levels[level] ?? Self.unknown) + (offsets[family] ?? 0), 0), 1)
        return Self.drawn(standing.families[family]?[level] ?? SolverStanding.Count(), towards: guess)
    }

    private static func drawn(_ count: SolverStanding.Count, towards guess: Double) -> Double {
        (count.right + guessed * guess) / (count.seen + guessed)
    }

    private static func shifted(_ rate: Double, by levels: Int) -> Double {
        min(max(rate - slope * Double(levels), 0), 1)
    }

    /// The success at the nearest other level that was tried, the lower one of two, brought to this one.
    private static func nearest(_ counts: [Int: SolverStanding.Count], to level: Int) -> Double? {
        let tried = counts.filter { $0.key != level && $0.value.seen >= guessed }.keys.sorted()
        guard let nearest = tried.min(by: { abs($0 - level) < abs($1 - level) }), let count = counts[nearest] else {
            return nil
        }
        return shifted(count.right / count.seen, by: level - nearest)
    }
}
