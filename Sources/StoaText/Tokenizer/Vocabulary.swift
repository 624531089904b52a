public import StoaCore

/// What a token is for; the numbers are those of GGUF's `tokenizer.ggml.token_type`.
public enum TokenType: UInt8, Sendable, Hashable {
    /// A piece of text.
    case normal = 1
    /// The token that stands for what the vocabulary cannot spell.
    case unknown = 2
    /// A mark of the model's protocol; text of a user never becomes one.
    case control = 3
    /// A text that is always one token.
    case userDefined = 4
    /// A hole in the numbering.
    case unused = 5
    /// One byte of a character that has no token of its own.
    case byte = 6
}

/// A vocabulary as a weight file states it: what a `Tokenizer` is built from.
///
/// The fields follow the `tokenizer.ggml.*` keys of GGUF, so that a reader copies them over one by one.
/// Nothing is checked here; `Tokenizer.init(_:)` checks everything.
public struct Vocabulary: Sendable {
    /// The family: `gpt2` (byte-level BPE) or `llama` (SentencePiece BPE).
    public var model: String
    /// The pre-tokenizer's name; byte-level BPE needs one.
    public var pre: String?
    /// The tokens' texts in the order of their ids.
    public var tokens = PackedStrings()
    /// What each token is for, as the file's numbers; empty where the file does not say.
    public var types: [Int32] = []
    /// The score of each token (SentencePiece); empty where the file has none.
    public var scores: [Float] = []
    /// The merges in the order of their rank, each as `left right` (byte-level BPE).
    public var merges = PackedStrings()
    /// The id that begins a sequence.
    public var bos: Int?
    /// The id that ends a sequence.
    public var eos: Int?
    /// The id that ends a turn, where it is another than `eos`.
    public var eot: Int?
    /// The id of the unknown token.
    public var unknown: Int?
    /// The id that fills a batch.
    public var padding: Int?
    /// Whether a sequence begins with `bos`; nil stands for the family's habit.
    public var addsBOS: Bool?
    /// Whether a sequence ends with `eos`; nil stands for the family's habit.
    public var addsEOS: Bool?
    /// Whether a text is spelt with a space before it; nil stands for the family's habit.
    public var addsSpacePrefix: Bool?

    /// Creates a vocabulary without tokens.
    ///
    /// - Parameters:
    ///   - model: the family, `gpt2` or `llama`.
    ///   - pre: the pre-tokenizer's name.
    public init(model: String, pre: String? = nil) {
        self.model = model
        self.pre = pre
    }
}

/// The tokens that a model's protocol gives a part to.
public struct SpecialTokens: Sendable, Hashable {
    /// The id that begins a sequence.
    public internal(set) var bos: TokenID?
    /// The id that ends a sequence.
    public internal(set) var eos: TokenID?
    /// The id of the unknown token.
    public internal(set) var unknown: TokenID?
    /// The id that fills a batch.
    public internal(set) var padding: TokenID?
    /// Every id at which generation ends: `eos`, the end of a turn, and their known synonyms.
    public internal(set) var endOfTurn: Set<TokenID> = []
}
