public import StoaCore

/// Text to ids and back, for one vocabulary: byte-level BPE or SentencePiece BPE.
///
/// Ids are those of the PyPI package `tokenizers` on every text. Two things differ on purpose: a control token never
/// comes out of text that is not to be trusted, whatever the merges say, and the bytes of a token that is matched as
/// it stands are its text as it stands.
///
/// Determinism: a pure function of the vocabulary and the text.
public final class Tokenizer: Sendable {
    /// What becomes of the text of a control token within a text.
    public enum SpecialTokenPolicy: Sendable, Hashable {
        /// It becomes the token: for text that a template of the model's own wrote.
        case parse
        /// It is spelt like any other text: for text that comes from outside.
        case ignore
    }

    /// The tokens that the model's protocol gives a part to.
    public let special: SpecialTokens
    /// Whether a sequence begins with `special.bos`.
    public let addsBOS: Bool
    /// Whether a sequence ends with `special.eos`.
    public let addsEOS: Bool

    let tokens: PackedStrings
    let types: [TokenType]
    let index: TokenIndex
    let normalizes: Bool
    /// The texts that are looked for before anything else, in the order of the passes.
    let matchers: [AddedTokenMatcher]
    let speller: Speller
    let merges: MergeTable
    /// What each token stands for.
    let spelled: PackedStrings
    /// For each id the byte that it is part of a run of, or -1.
    let fallbackBytes: [Int16]
    /// Whether a text is spelt with a space before it, which decoding takes away again.
    package let stripsLeadingSpace: Bool

    /// The rules by which symbols merge.
    enum MergeTable: Sendable {
        case listed(ListedMerges)
        case scored(ScoredMerges)
    }

    /// Builds a tokenizer from a vocabulary as weight files state it.
    ///
    /// Complexity: linear in the vocabulary; nothing is allocated per token.
    ///
    /// - Parameter vocabulary: tokens, types, and scores or merges.
    /// - Throws: `TokenizerError` where the vocabulary contradicts itself, lacks what its model needs, or asks for a
    ///   model or pre-tokenizer that is not implemented.
    public convenience init(_ vocabulary: Vocabulary) throws(TokenizerError) {
        try self.init(blueprint: TokenizerBlueprint(vocabulary))
    }

    init(blueprint: TokenizerBlueprint) throws(TokenizerError) {
        tokens = blueprint.tokens
        types = blueprint.types
        index = blueprint.index
        special = blueprint.special
        addsBOS = blueprint.addsBOS
        addsEOS = blueprint.addsEOS
        normalizes = blueprint.normalizes
        if addsBOS, special.bos == nil {
            throw TokenizerError(.invalidVocabulary, "a sequence begins with bos, but there is no bos id")
        }
        if addsEOS, special.eos == nil {
            throw TokenizerError(.invalidVocabulary, "a sequence ends with eos, but there is no eos id")
        }
        let found = blueprint.types.indices.filter { blueprint.types[$0].isMatched }.map { Int32($0) }
        let passes = [
            found.filter { !blueprint.lateTokens.contains($0) }, found.filter { blueprint.lateTokens.contains($0) },
        ]
        var matchers: [AddedTokenMatcher] = []
        for pass in passes where !pass.isEmpty { matchers.append(try AddedTokenMatcher(pass, of: blueprint.tokens)) }
        self.matchers = matchers
        merges = try MergeTable(blueprint)
        let spelling = try TokenSpelling(blueprint)
        spelled = spelling.bytes
        fallbackBytes = spelling.fallbackBytes
        speller = try Speller(blueprint, spelling)
        if case .sentencePiece(let addsSpacePrefix) = blueprint.spelling {
            stripsLeadingSpace = addsSpacePrefix
        } else {
            stripsLeadingSpace = false
        }
    }
}

extension TokenType {
    /// Whether the token's text is looked for as it stands.
    var isMatched: Bool { self == .control || self == .userDefined || self == .unknown }
    /// Whether the token is a mark of the protocol, which text from outside never becomes.
    var isControl: Bool { self == .control || self == .unknown }
    /// Whether spelling and merging may produce the token.
    var isSpelled: Bool { self == .normal || self == .userDefined }
}

extension Tokenizer {
    /// The number of tokens; ids run from 0 to one less.
    public var vocabularySize: Int { tokens.count }

    /// Whether the id is one of the vocabulary's.
    ///
    /// - Parameter id: any number.
    /// - Returns: whether the other methods accept it.
    public func contains(_ id: TokenID) -> Bool { (0..<tokens.count).contains(id.index) }

    /// The bytes that a token stands for: text is their concatenation.
    ///
    /// Complexity: constant, but for the copy.
    ///
    /// - Parameter id: an id of this vocabulary.
    /// - Returns: the bytes, which need not be valid UTF-8 by themselves; of a control token, its name.
    public func bytes(of id: TokenID) -> [UInt8] {
        precondition(contains(id), "token id outside the vocabulary")
        return Array(spelled[id.index])
    }

    /// The token as the vocabulary spells it, for people: `Ġthe`, `▁the`, `<0x0A>`.
    ///
    /// - Parameter id: an id of this vocabulary.
    /// - Returns: the text; invalid UTF-8 is repaired.
    public func piece(of id: TokenID) -> String {
        precondition(contains(id), "token id outside the vocabulary")
        return String(decoding: tokens[id.index], as: UTF8.self)
    }

    /// The token that the vocabulary spells like that.
    ///
    /// - Parameter piece: the text as `piece(of:)` gives it.
    /// - Returns: its id, or nil.
    public func id(of piece: String) -> TokenID? {
        let text = Array(piece.utf8)
        let matched = matchers.lazy.compactMap { $0.exact(text) }.first
        return (matched ?? index.find(text, 0..<text.count)).map { TokenID($0) }
    }

    /// What a token is for.
    ///
    /// - Parameter id: an id of this vocabulary.
    /// - Returns: the type that the vocabulary states.
    public func type(of id: TokenID) -> TokenType {
        precondition(contains(id), "token id outside the vocabulary")
        return types[id.index]
    }

    /// Whether a token is a mark of the model's protocol and no text.
    ///
    /// - Parameter id: an id of this vocabulary.
    /// - Returns: true for control tokens and the unknown token.
    public func isControl(_ id: TokenID) -> Bool { type(of: id).isControl }
}

extension Tokenizer.MergeTable {
    init(_ blueprint: TokenizerBlueprint) throws(TokenizerError) {
        switch blueprint.merges {
        case .listed(let entries):
            var table = PairTable(capacity: entries.count)
            // A merge into a control token is left out: text from outside could forge it.
            for entry in entries where blueprint.types[Int(entry.id)].isSpelled {
                guard table.insert(entry) else {
                    throw TokenizerError(.invalidVocabulary, "the merges collide too often to be indexed")
                }
            }
            self = .listed(ListedMerges(table: table))
        case .scored(let scores):
            var keys = [UInt64](repeating: 0, count: blueprint.tokens.count)
            for (id, score) in scores.enumerated() where blueprint.types[id].isSpelled {
                guard score.isFinite else {
                    throw TokenizerError(.invalidVocabulary, "token \(id) has the score \(score), expected a number")
                }
                var scalars = 0
                for byte in blueprint.tokens[id] where byte & 0xC0 != 0x80 { scalars += 1 }
                guard (1...0xFFFF).contains(scalars) else {
                    throw TokenizerError(
                        .invalidVocabulary, "token \(id) has \(scalars) characters, expected 1 to 65535")
                }
                keys[id] = ScoredMerges.key(score: score, scalars: scalars)
            }
            self = .scored(ScoredMerges(index: blueprint.index, keys: keys))
        }
    }
}
