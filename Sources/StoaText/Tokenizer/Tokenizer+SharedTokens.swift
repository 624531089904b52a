public import StoaCore

extension Tokenizer {
    /// A token of this vocabulary and the token of another one that stands for the same bytes.
    public struct SharedToken: Sendable, Hashable {
        /// The id here.
        public let own: TokenID
        /// The id in the other vocabulary.
        public let other: TokenID
    }

    /// The tokens that both vocabularies have, by what they stand for: `Ġthe` of the one is `▁the` of the other.
    ///
    /// Only pieces of text count: marks of the protocol, unused ids and tokens of single bytes of a character do not.
    /// Of several tokens that stand for the same bytes the first counts.
    ///
    /// - Parameter other: the other vocabulary.
    /// - Returns: the shared tokens, in the order of the ids here.
    /// - Throws: `TokenizerError` for a vocabulary whose texts cannot be indexed.
    public func sharedTokens(with other: Tokenizer) throws(TokenizerError) -> [SharedToken] {
        let (own, theirs) = (try textIndex(), try other.textIndex())
        return (0..<spelled.count).compactMap { id in
            guard types[id].isSpelled, let first = own.find(spelled.bytes, spelled.range(id)), first == Int32(id),
                let match = theirs.find(spelled.bytes, spelled.range(id))
            else { return nil }
            return SharedToken(own: TokenID(Int32(id)), other: TokenID(match))
        }
    }

    /// The pieces of text by their bytes.
    private func textIndex() throws(TokenizerError) -> TokenIndex {
        var index = TokenIndex(over: spelled, capacity: spelled.count)
        for id in 0..<spelled.count where types[id].isSpelled {
            if case .refused = index.insert(id) {
                throw TokenizerError(.invalidVocabulary, "the tokens' texts collide too often to be indexed")
            }
        }
        return index
    }
}
