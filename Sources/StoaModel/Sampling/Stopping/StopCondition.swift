public import StoaCore

/// What ends a generation before its length does.
public struct StopCondition: Sendable, Hashable, Codable {
    /// Tokens that end the generation; they are part of the tokens, not of the text.
    public var tokens: Set<TokenID>
    /// Strings that end the generation when they appear in the text.
    public var strings: [String]
    /// Whether the string that ended the generation stays in the text.
    public var includesStopString: Bool

    /// Creates a condition.
    ///
    /// - Parameters:
    ///   - tokens: tokens that end the generation.
    ///   - strings: strings that end the generation.
    ///   - includesStopString: whether the string that ended it stays in the text.
    public init(tokens: Set<TokenID> = [], strings: [String] = [], includesStopString: Bool = false) {
        self.tokens = tokens
        self.strings = strings
        self.includesStopString = includesStopString
    }

    /// Decodes an object in which every absent member has its default.
    ///
    /// - Parameter decoder: the decoder.
    /// - Throws: `DecodingError` for members of a wrong type.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        tokens = Set(try members.decodeIfPresent([TokenID].self, forKey: .tokens) ?? [])
        strings = try members.decodeIfPresent([String].self, forKey: .strings) ?? []
        includesStopString = try members.decodeIfPresent(Bool.self, forKey: .includesStopString) ?? false
    }

    /// Encodes all members, tokens in ascending order.
    ///
    /// - Parameter encoder: the encoder.
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(tokens.sorted(), forKey: .tokens)
        try members.encode(strings, forKey: .strings)
        try members.encode(includesStopString, forKey: .includesStopString)
    }

    /// Makes the matcher for the strings.
    ///
    /// - Returns: a matcher at the beginning of a text.
    /// - Throws: `SamplingError.invalidParameter` for an empty string.
    public func makeMatcher() throws(SamplingError) -> StopMatcher {
        if strings.contains(where: \.isEmpty) {
            throw .invalidParameter(flag: "--stop", allowed: "strings that are not empty", found: "an empty string")
        }
        return StopMatcher(patterns: strings.map { Array($0.utf8) }, includesMatch: includesStopString)
    }

    private enum CodingKeys: String, CodingKey {
        case tokens = "stop_token_ids"
        case strings = "stop"
        case includesStopString = "include_stop_string"
    }
}
