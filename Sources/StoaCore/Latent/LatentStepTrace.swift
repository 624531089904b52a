/// What one latent step was about, as far as it can be put in numbers and words.
public struct LatentStepTrace: Sendable, Hashable {
    /// A token with how much it has to do with the step.
    public struct Token: Sendable, Hashable {
        /// The token.
        public var id: TokenID
        /// Its text; U+FFFD for parts of a character.
        public var text: String
        /// A probability or a cosine.
        public var weight: Double

        /// Creates an entry.
        public init(id: TokenID, text: String, weight: Double) {
            self.id = id
            self.text = text
            self.weight = weight
        }

        fileprivate var document: JSONValue {
            ["id": .integer(Int64(id.rawValue)), "text": .string(text), "weight": .number(weight)]
        }

        fileprivate init?(document: JSONValue) {
            guard let id = document["id"]?.intValue.flatMap(Int32.init(exactly:)),
                let text = document["text"]?.stringValue, let weight = document["weight"]?.doubleValue
            else { return nil }
            self.init(id: TokenID(id), text: text, weight: weight)
        }
    }

    /// The five most probable tokens that the hidden state gives (the logit lens), with their probabilities.
    public var lens: [Token]
    /// The entropy of that distribution, in nats.
    public var entropy: Double
    /// The Euclidean norm of the hidden state.
    public var hiddenNorm: Double
    /// The Euclidean norm of the vector that was fed.
    public var vectorNorm: Double
    /// The cosine of the vector with the one fed before; nil for the first.
    public var previousCosine: Double?
    /// The token whose effective embedding has the largest cosine with the vector, and that cosine.
    public var nearest: Token

    /// Creates a trace.
    public init(
        lens: [Token], entropy: Double, hiddenNorm: Double, vectorNorm: Double, previousCosine: Double?, nearest: Token
    ) {
        self.lens = lens
        self.entropy = entropy
        self.hiddenNorm = hiddenNorm
        self.vectorNorm = vectorNorm
        self.previousCosine = previousCosine
        self.nearest = nearest
    }

    /// `{lens, entropy, hidden_norm, vector_norm, previous_cosine, nearest}`.
    public var document: JSONValue {
        [
            "lens": .array(lens.map(\.document)), "entropy": .number(entropy), "hidden_norm": .number(hiddenNorm),
            "vector_norm": .number(vectorNorm), "previous_cosine": previousCosine.map { .number($0) } ?? .null,
            "nearest": nearest.document,
        ]
    }

    /// Reads the document; nil for anything else.
    ///
    /// - Parameter document: what `document` gave.
    public init?(document: JSONValue) {
        guard let entropy = document["entropy"]?.doubleValue, let hidden = document["hidden_norm"]?.doubleValue,
            let vector = document["vector_norm"]?.doubleValue,
            let nearest = document["nearest"].flatMap({ Token(document: $0) }),
            let lens = document["lens"]?.arrayValue
        else { return nil }
        self.init(
            lens: lens.compactMap { Token(document: $0) }, entropy: entropy, hiddenNorm: hidden, vectorNorm: vector,
            previousCosine: document["previous_cosine"]?.doubleValue, nearest: nearest)
    }
}
