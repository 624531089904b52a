internal import OrderedCollections
public import StoaCore

/// What is known of a solver: how it did on each family at each level, what is long ago counting less.
///
/// The document is `{family: {level, seen, right, recent, levels: {"2": {seen, right}}}}`; only `levels` is read back.
public struct SolverStanding: Sendable, Hashable {
    /// Attempts, and those that were right; not whole where they have faded.
    public struct Count: Sendable, Hashable {
        /// Attempts.
        public var seen: Double
        /// Those that were right.
        public var right: Double

        /// Creates a count.
        ///
        /// - Parameters:
        ///   - seen: attempts.
        ///   - right: those that were right.
        public init(seen: Double = 0, right: Double = 0) {
            self.seen = seen
            self.right = right
        }
    }

    /// The counts of levels, by families.
    public var families: [String: [Int: Count]]

    /// Creates a standing.
    ///
    /// - Parameter families: the counts of levels, by families.
    public init(families: [String: [Int: Count]] = [:]) { self.families = families }

    /// Adds the attempts of a round.
    ///
    /// - Parameters:
    ///   - results: family, level, attempts and right ones of each problem.
    ///   - memory: what earlier attempts count, 0 to 1, of the families that have new ones.
    public mutating func add(_ results: [(family: String, level: Int, tried: Int, right: Int)], memory: Double) {
        for family in Set(results.map(\.family)) {
            families[family] = families[family]?.mapValues { Count(seen: $0.seen * memory, right: $0.right * memory) }
        }
        for result in results {
            families[result.family, default: [:]][result.level, default: Count()].seen += Double(result.tried)
            families[result.family, default: [:]][result.level, default: Count()].right += Double(result.right)
        }
    }
}

extension SolverStanding {
    /// Reads the document; what is no count is left out.
    ///
    /// - Parameter document: the document.
    public init(document: JSONValue) {
        var families: [String: [Int: Count]] = [:]
        for (family, value) in document.objectValue ?? [:] {
            for (level, count) in value["levels"]?.objectValue ?? [:] {
                guard let level = Int(level), let seen = count["seen"]?.doubleValue,
                    let right = count["right"]?.doubleValue
                else { continue }
                families[family, default: [:]][level] = Count(seen: seen, right: right)
            }
        }
        self.init(families: families)
    }

    /// The standing as a document, families in the order of their names.
    ///
    /// - Parameter utility: what a problem is worth; `level` is the level that is worth most.
    /// - Returns: the document.
    public func document(utility: ProblemUtility = ProblemUtility()) -> JSONValue {
        let expectation = SolverExpectation(self)
        var members: JSONValue.Members = [:]
        for (family, counts) in families.sorted(by: { $0.key < $1.key }) {
            let seen = counts.keys.sorted().reduce(0) { $0 + (counts[$1]?.seen ?? 0) }
            let right = counts.keys.sorted().reduce(0) { $0 + (counts[$1]?.right ?? 0) }
            var levels: JSONValue.Members = [:]
            for (level, count) in counts.sorted(by: { $0.key < $1.key }) {
                levels[String(level)] = ["seen": Self.number(count.seen), "right": Self.number(count.right)]
            }
            let best = ProblemFamily.levels.max {
                utility.value(successRate: expectation.success(family: family, level: $0))
                    < utility.value(successRate: expectation.success(family: family, level: $1))
            }
            members[family] = [
                "level": .integer(Int64(best ?? 1)), "seen": Self.number(seen), "right": Self.number(right),
                "recent": seen > 0 ? Self.number(right / seen) : .null, "levels": .object(levels),
            ]
        }
        return .object(members)
    }

    private static func number(_ value: Double) -> JSONValue {
        if let whole = Int64(exactly: value) { return .integer(whole) }
        // Six places are more than counts have meaning.
        return .number((value * 1e6).rounded() / 1e6)
    }
}
