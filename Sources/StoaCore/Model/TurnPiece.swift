/// A piece of an assistant's turn that is under way: what the model has written of it, and what was put in between.
public enum TurnPiece: Sendable, Hashable {
    /// Tokens that the model chose, exactly those; the text is their rendering, for models that take words only.
    case tokens([TokenID], text: String)
    /// Words that are not the model's: what a tool said. Tokenised as plain text, so that they can't be control tokens.
    case feedback(String)

    /// The piece in words.
    public var text: String {
        switch self {
        case .tokens(_, let text): text
        case .feedback(let text): text
        }
    }

    /// `{model: [ids], text}` or `{tool: text}`.
    public var document: JSONValue {
        switch self {
        case .tokens(let tokens, let text):
            ["model": .array(tokens.map { .integer(Int64($0.rawValue)) }), "text": .string(text)]
        case .feedback(let text): ["tool": .string(text)]
        }
    }
}

/// So many tokens of one origin, one behind the other.
public struct TokenSpan: Sendable, Hashable {
    /// Where a token comes from.
    public enum Origin: String, Sendable, Hashable, Codable {
        /// The conversation, as the chat template writes it.
        case prompt
        /// The model chose it.
        case model
        /// A tool said it.
        case tool
    }

    /// Where the tokens come from.
    public var origin: Origin
    /// How many there are.
    public var count: Int

    /// Creates a span.
    ///
    /// - Parameters:
    ///   - origin: where the tokens come from.
    ///   - count: how many there are.
    public init(_ origin: Origin, _ count: Int) {
        self.origin = origin
        self.count = count
    }
}
