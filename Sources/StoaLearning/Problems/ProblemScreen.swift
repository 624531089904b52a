internal import StoaCore

/// Keeps new problems out of a pool that are in it already, and out of training what is held out.
///
/// | reason | a problem is dropped where |
/// |---|---|
/// | `duplicate` | its words are those of one in the pool, or of one before it |
/// | `near_duplicate` | it shares more than `threshold` of its sequences of three words with one of these |
/// | `heldout` | its skeleton is that of a held-out problem: the same words with other names and numbers |
/// | `heldout_near` | its skeleton shares more than `threshold` of its sequences with that of a held-out problem |
public struct ProblemScreen: Sendable {
    /// Why a problem was dropped.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The words of another one.
        case duplicate
        /// Nearly the words of another one.
        case nearDuplicate = "near_duplicate"
        /// The skeleton of a held-out problem.
        case heldout
        /// Nearly the skeleton of a held-out problem.
        case heldoutNear = "heldout_near"
    }

    /// What became of a problem.
    public struct Verdict: Sendable, Hashable {
        /// Why it was dropped; nil where it was kept.
        public var reason: Reason?
        /// Which text it was too close to: an index into the held-out problems, or into the pool followed by the problems.
        public var other: Int?
    }

    /// How similar is too similar.
    public var threshold: Double
    /// Words of a sequence.
    private static let width = 3

    /// Creates a screen.
    ///
    /// - Parameter threshold: how similar is too similar, 0 to 1.
    public init(threshold: Double = 0.8) { self.threshold = threshold }

    /// Looks at problems, one after the other.
    ///
    /// Determinism: a pure function of its arguments. Complexity: about linear in all of them.
    ///
    /// - Parameters:
    ///   - questions: the new problems.
    ///   - pool: questions that are there already.
    ///   - heldout: questions that must stay unseen.
    /// - Returns: a verdict for each of the new problems.
    public func verdicts(_ questions: [String], pool: [String] = [], heldout: [String] = []) -> [Verdict] {
        let skeletons = questions.map { ProblemSkeleton($0) }
        let hidden = heldout.map { ProblemSkeleton($0) }
        let hiddenShingles = hidden.map { ShingleIndex.Shingles($0.words, width: Self.width) }
        let skeletonShingles = skeletons.map { ShingleIndex.Shingles($0.words, width: Self.width) }
        var hiddenPlaces: [ProblemSkeleton: Int] = [:]
        for (index, skeleton) in hidden.enumerated() where hiddenPlaces[skeleton] == nil {
            hiddenPlaces[skeleton] = index
        }
        var hiddenIndex = ShingleIndex(threshold: threshold, vocabulary: hiddenShingles + skeletonShingles)
        for text in hiddenShingles { hiddenIndex.insert(text) }

        let normal = (pool + questions).map { NormalQuestion($0) }
        let shingles = normal.map { ShingleIndex.Shingles($0.words, width: Self.width) }
        var known: [NormalQuestion: Int] = [:]
        var index = ShingleIndex(threshold: threshold, vocabulary: shingles)
        // Only what is kept is compared with; its places among all texts.
        var places: [Int] = []
        func admit(_ place: Int) {
            if known[normal[place]] == nil { known[normal[place]] = place }
            index.insert(shingles[place])
            places.append(place)
        }
        for place in pool.indices { admit(place) }
        return questions.indices.map { number in
            let place = pool.count + number
            if let other = hiddenPlaces[skeletons[number]] { return Verdict(reason: .heldout, other: other) }
            if let other = hiddenIndex.match(skeletonShingles[number]) {
                return Verdict(reason: .heldoutNear, other: other)
            }
            if let other = known[normal[place]] { return Verdict(reason: .duplicate, other: other) }
            if let other = index.match(shingles[place]) {
                return Verdict(reason: .nearDuplicate, other: places[other])
            }
            admit(place)
            return Verdict()
        }
    }
}
