/// What a piece of work cost the model, in counted units; parts of a run add up to the run.
public struct Usage: Sendable, Hashable, Codable {
    /// Prompt tokens that were computed.
    public var prefillTokens: Int
    /// Prompt tokens that were taken from a cache instead of being computed.
    public var cachedTokens: Int
    /// Hidden states that were fed back without producing a token.
    public var latentSteps: Int
    /// Tokens that were generated.
    public var decodedTokens: Int

    /// Creates a count.
    ///
    /// - Parameters:
    ///   - prefillTokens: prompt tokens that were computed.
    ///   - cachedTokens: prompt tokens that were taken from a cache.
    ///   - latentSteps: hidden states that were fed back.
    ///   - decodedTokens: tokens that were generated.
    public init(prefillTokens: Int = 0, cachedTokens: Int = 0, latentSteps: Int = 0, decodedTokens: Int = 0) {
        self.prefillTokens = prefillTokens
        self.cachedTokens = cachedTokens
        self.latentSteps = latentSteps
        self.decodedTokens = decodedTokens
    }

    /// No work at all.
    public static let zero = Usage()

    /// The sum of two counts.
    public static func + (first: Usage, second: Usage) -> Usage {
        Usage(
            prefillTokens: first.prefillTokens + second.prefillTokens,
            cachedTokens: first.cachedTokens + second.cachedTokens,
            latentSteps: first.latentSteps + second.latentSteps,
            decodedTokens: first.decodedTokens + second.decodedTokens)
    }

    /// Adds a count to another.
    public static func += (first: inout Usage, second: Usage) { first = first + second }

    private enum CodingKeys: String, CodingKey {
        case prefillTokens = "prefill_tokens"
        case cachedTokens = "cached_tokens"
        case latentSteps = "latent_steps"
        case decodedTokens = "decoded_tokens"
    }
}

extension Usage {
    /// The part that is the same in every execution: what was found in a cache counts as computed.
    public var logical: Usage {
        Usage(
            prefillTokens: prefillTokens + cachedTokens, latentSteps: latentSteps, decodedTokens: decodedTokens)
    }

    /// All tokens and steps, found in a cache or not.
    public var total: Int { prefillTokens + cachedTokens + latentSteps + decodedTokens }

    /// `{prefill_tokens, cached_tokens, latent_steps, decoded_tokens}`.
    public var document: JSONValue {
        [
            "prefill_tokens": .integer(Int64(prefillTokens)), "cached_tokens": .integer(Int64(cachedTokens)),
            "latent_steps": .integer(Int64(latentSteps)), "decoded_tokens": .integer(Int64(decodedTokens)),
        ]
    }

    /// Reads the document; absent members are 0.
    ///
    /// - Parameter document: what `document` gave.
    public init(document: JSONValue) {
        func count(_ name: String) -> Int { document[name]?.intValue ?? 0 }
        self.init(
            prefillTokens: count("prefill_tokens"), cachedTokens: count("cached_tokens"),
            latentSteps: count("latent_steps"), decodedTokens: count("decoded_tokens"))
    }
}
