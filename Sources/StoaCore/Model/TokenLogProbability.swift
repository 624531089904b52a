/// How probable a token was at its place, and what else was likely there.
///
/// Units: natural logarithms, of the model's own distribution: temperature 1, before penalties, biases, masks and
/// truncations.
public struct TokenLogProbability: Sendable, Hashable, Codable {
    /// A token with its log-probability.
    public struct Alternative: Sendable, Hashable, Codable {
        /// The token.
        public let id: TokenID
        /// Its log-probability.
        public let logProbability: Double

        /// Creates an alternative.
        ///
        /// - Parameters:
        ///   - id: the token.
        ///   - logProbability: its log-probability.
        public init(id: TokenID, logProbability: Double) {
            self.id = id
            self.logProbability = logProbability
        }

        private enum CodingKeys: String, CodingKey {
            case id
            case logProbability = "logprob"
        }
    }

    /// The token.
    public let id: TokenID
    /// Its log-probability.
    public let logProbability: Double
    /// The most probable tokens of the place, the most probable first and the lower id first among equals; whether the
    /// token itself is among them or not.
    public let top: [Alternative]

    /// Creates an entry.
    ///
    /// - Parameters:
    ///   - id: the token.
    ///   - logProbability: its log-probability.
    ///   - top: the most probable tokens of the place, in descending order.
    public init(id: TokenID, logProbability: Double, top: [Alternative] = []) {
        self.id = id
        self.logProbability = logProbability
        self.top = top
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case logProbability = "logprob"
        case top
    }
}
