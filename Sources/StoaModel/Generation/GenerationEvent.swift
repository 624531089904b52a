public import StoaCore

/// A token of a generation, as it is streamed.
public struct GeneratedToken: Sendable, Hashable {
    /// The token.
    public let id: TokenID
    /// Its place among the generated tokens, from 0.
    public let index: Int
    /// Text that became certain with this token.
    ///
    /// Whole characters only, and nothing that may still turn out to be part of a stop string: often the token's own
    /// text, sometimes none, sometimes that of several tokens.
    public let text: String
    /// How probable the model found the token, where that was asked for.
    public let logProbability: TokenLogProbability?

    /// Creates a token.
    ///
    /// - Parameters:
    ///   - id: the token.
    ///   - index: its place among the generated tokens.
    ///   - text: text that became certain with it.
    ///   - logProbability: how probable the model found it.
    public init(id: TokenID, index: Int, text: String, logProbability: TokenLogProbability? = nil) {
        self.id = id
        self.index = index
        self.text = text
        self.logProbability = logProbability
    }
}

/// The end of a generation, as it is streamed.
public struct GenerationEnd: Sendable, Hashable {
    /// Why it ended.
    public let reason: FinishReason
    /// Text that was held back and is part of the result.
    public let text: String
    /// What it cost.
    public let usage: Usage

    /// Creates an end.
    ///
    /// - Parameters:
    ///   - reason: why it ended.
    ///   - text: text that was held back and is part of the result.
    ///   - usage: what it cost.
    public init(reason: FinishReason, text: String = "", usage: Usage) {
        self.reason = reason
        self.text = text
        self.usage = usage
    }
}

/// What a stream of a generation delivers: tokens, then one end.
public enum GenerationEvent: Sendable, Hashable {
    /// The next token.
    case token(GeneratedToken)
    /// The end, after which nothing comes.
    case end(GenerationEnd)
}
