/// Merges that a file lists: the rank is the place in the list.
struct ListedMerges: MergeRule, Sendable {
    let table: PairTable

    @inline(__always)
    func merge(_ left: Int32, _ right: Int32) -> Merge? {
        guard let entry = table.find(left, right) else { return nil }
        return Merge(priority: UInt64(entry.rank), id: entry.id)
    }
}

/// Merges that follow from the scores of a SentencePiece vocabulary: two pieces merge where their joined text is a
/// piece, in the order of that piece's score.
///
/// The order is that of the merge list which the `transformers` package writes for such a vocabulary: score
/// descending, then the longer left part, then the longer right part, in scalars, then the lower id. It is computed
/// when a pair is met, so that no list of some 500,000 merges is ever built.
struct ScoredMerges: MergeRule, Sendable {
    let index: TokenIndex
    /// For each id the score's rank in the upper and the length in scalars in the lower half; 0 for a token that
    /// takes part in no merge.
    let keys: [UInt64]

    @inline(__always)
    func merge(_ left: Int32, _ right: Int32) -> Merge? {
        let first = keys[Int(left)]
        let second = keys[Int(right)]
        guard first != 0, second != 0, let id = index.find(left, right) else { return nil }
        let whole = keys[Int(id)]
        guard whole != 0 else { return nil }
        let lengths = (0xFFFF - (first & 0xFFFF)) << 16 | (0xFFFF - (second & 0xFFFF))
        return Merge(priority: whole & 0xFFFF_FFFF_0000_0000 | lengths, id: id)
    }

    /// The key of a token that takes part in merges.
    ///
    /// - Parameters:
    ///   - score: finite.
    ///   - scalars: the length of the token, 1 to 65,535.
    /// - Returns: a number that is smaller the higher the score, and never 0.
    static func key(score: Float, scalars: Int) -> UInt64 {
        // Adding 0 makes a negative zero positive, since the two compare equal.
        let bits = (score + 0).bitPattern
        let ascending = bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
        return UInt64(~ascending) << 32 | UInt64(scalars)
    }
}
