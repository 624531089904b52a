internal import StoaCore

/// What a tokenizer is to be, with every habit of a file format resolved: the adapters write it, `Tokenizer` reads it.
struct TokenizerBlueprint {
    /// How text becomes the first symbols.
    enum Spelling {
        /// Bytes in a printable alphabet, word by word.
        case byteLevel(PreTokenizer)
        /// Characters, spaces written as U+2581, with byte tokens for characters that have no token.
        case sentencePiece(addsSpacePrefix: Bool)
    }

    /// Which symbols merge.
    enum Merges {
        /// Pairs in the order of their rank, each with the token that it makes.
        case listed([PairTable.Entry])
        /// One score per token.
        case scored([Float])
    }

    var tokens: PackedStrings
    var types: [TokenType]
    var spelling: Spelling
    var merges: Merges
    /// The index over `tokens`, made while the merges were read.
    var index: TokenIndex
    /// Whether a word that is a token is taken whole, whatever the merges say.
    var takesWholeWords = false
    /// Whether text is brought into normalisation form C first.
    var normalizes = false
    /// What stands for a symbol that the vocabulary lacks; nil drops it, as the reference does.
    var unknownSymbol: Int32?
    /// Whether neighbouring unknown symbols become one.
    var fusesUnknown = false
    /// Ids of added tokens that are looked for after all others were found.
    var lateTokens: Set<Int32> = []
    /// Tokens that the model does not know and that are matched as they stand; `index` lacks them.
    var outside: [[UInt8]: Int32] = [:]
    var special = SpecialTokens()
    var addsBOS = false
    var addsEOS = false
}

extension TokenizerBlueprint {
    /// An index over the tokens that are not holes.
    ///
    /// - Throws: `TokenizerError` for an empty vocabulary, an empty token or the same text twice.
    static func index(_ tokens: PackedStrings, _ types: [TokenType]) throws(TokenizerError) -> TokenIndex {
        guard tokens.count > 0 else { throw TokenizerError(.invalidVocabulary, "the vocabulary is empty") }
        guard tokens.count < Int(Int32.max), !tokens.isTooLarge else {
            throw TokenizerError(.invalidVocabulary, "\(tokens.count) tokens are more than can be indexed")
        }
        var index = TokenIndex(over: tokens, capacity: tokens.count)
        for id in 0..<tokens.count where types[id] != .unused {
            guard !tokens.range(id).isEmpty else {
                throw TokenizerError(.invalidVocabulary, "token \(id) has no text")
            }
            switch index.insert(id) {
            case .inserted: break
            case .duplicate(let other):
                throw TokenizerError(
                    .invalidVocabulary, "tokens \(other) and \(id) have the same text \(tokens.quoted(id))")
            case .refused:
                throw TokenizerError(.invalidVocabulary, "the tokens' texts collide too often to be indexed")
            }
        }
        return index
    }

    /// The entry for one merge.
    ///
    /// - Throws: `TokenizerError` where a part or the whole is not a token.
    static func merge(
        rank: Int, _ bytes: [UInt8], _ left: Range<Int>, _ right: Range<Int>, _ index: TokenIndex
    ) throws(TokenizerError) -> PairTable.Entry {
        guard let first = index.find(bytes, left) else { throw unknownPart(rank, bytes[left]) }
        guard let second = index.find(bytes, right) else { throw unknownPart(rank, bytes[right]) }
        guard let whole = index.find(first, second) else {
            throw unknownPart(rank, bytes[left] + bytes[right])
        }
        return PairTable.Entry(left: first, right: second, rank: UInt32(truncatingIfNeeded: rank), id: whole)
    }

    private static func unknownPart(_ rank: Int, _ text: some Collection<UInt8>) -> TokenizerError {
        TokenizerError(.invalidVocabulary, "merge \(rank) names \(quote(text)), which is not a token")
    }

    /// The id as one of `count` tokens.
    ///
    /// - Throws: `TokenizerError` naming `role` where it is out of range.
    static func checked(_ id: Int?, as role: String, of count: Int) throws(TokenizerError) -> TokenID? {
        guard let id else { return nil }
        guard (0..<count).contains(id) else {
            throw TokenizerError(.invalidVocabulary, "the \(role) id is \(id), but the vocabulary has \(count) tokens")
        }
        return TokenID(Int32(truncatingIfNeeded: id))
    }

    /// Texts that end a turn in the families' protocols, where they are control tokens.
    private static let turnEnds = [
        "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<|end|>",
    ]

    /// Completes the set of ids at which generation ends.
    mutating func collectTurnEnds(_ further: [TokenID?]) {
        for id in [special.eos] + further { if let id { special.endOfTurn.insert(id) } }
        for name in Self.turnEnds {
            let text = Array(name.utf8)
            if let id = outside[text] ?? index.find(text, 0..<text.count), types[Int(id)] == .control {
                special.endOfTurn.insert(TokenID(id))
            }
        }
    }
}
