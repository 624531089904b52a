public import StoaCore

/// A set of allowed tokens over a vocabulary, one bit each: what a grammar hands to the sampler.
public struct TokenMask: Sendable, Hashable {
    /// How many tokens the vocabulary has.
    public let vocabularySize: Int
    /// The bits, token 0 in the lowest bit of the first word; bits beyond the vocabulary are zero.
    public private(set) var words: [UInt64]

    /// Creates a mask.
    ///
    /// - Parameters:
    ///   - vocabularySize: how many tokens the vocabulary has.
    ///   - allowed: whether all tokens are allowed, or none.
    public init(vocabularySize: Int, allowingAll allowed: Bool = false) {
        precondition(vocabularySize >= 0, "a vocabulary has no negative size")
        self.vocabularySize = vocabularySize
        words = [UInt64](repeating: allowed ? .max : 0, count: (vocabularySize + 63) / 64)
        if allowed, vocabularySize % 64 != 0 { words[words.count - 1] = 1 << UInt64(vocabularySize % 64) - 1 }
    }

    /// Whether a token is allowed; ids outside the vocabulary are not and cannot be.
    public subscript(id: TokenID) -> Bool {
        get {
            guard (0..<vocabularySize).contains(id.index) else { return false }
            return words[id.index / 64] >> UInt64(id.index % 64) & 1 == 1
        }
        set {
            precondition((0..<vocabularySize).contains(id.index), "token \(id) is outside the vocabulary")
            let bit: UInt64 = 1 << UInt64(id.index % 64)
            if newValue { words[id.index / 64] |= bit } else { words[id.index / 64] &= ~bit }
        }
    }

    /// How many tokens are allowed.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
}
