internal import StoaCore
internal import StoaText

/// Turns sampled tokens into text that may be shown: whole characters, and no part of a stop string.
struct TextAssembler {
    private var decoder: StreamingDecoder?
    private var matcher: StopMatcher
    /// Everything given out so far.
    private(set) var text = ""

    /// Creates an assembler at the beginning of a text.
    ///
    /// - Parameters:
    ///   - tokenizer: whose tokens will come; nil for a model without text.
    ///   - stop: the strings that end it.
    /// - Throws: `SamplingError` for an empty stop string.
    init(tokenizer: Tokenizer?, stop: StopCondition) throws {
        decoder = tokenizer.map { StreamingDecoder($0) }
        matcher = try stop.makeMatcher()
    }

    /// Whether a stop string has ended the text.
    var isStopped: Bool { matcher.match != nil }

    /// Takes a token.
    ///
    /// - Returns: text that has become certain.
    mutating func append(_ id: TokenID) -> String {
        guard let piece = decoder?.append(id), !piece.isEmpty else { return "" }
        return give(matcher.feed(piece.utf8).emitted)
    }

    /// Ends the text.
    ///
    /// - Returns: what was held back.
    mutating func finish() -> String {
        guard !isStopped else { return "" }
        let rest = decoder?.finish() ?? ""
        return give(matcher.feed(rest.utf8).emitted + matcher.finish())
    }

    // Stop strings begin with whole characters, so what is given out ends with one.
    private mutating func give(_ bytes: [UInt8]) -> String {
        let piece = String(decoding: bytes, as: UTF8.self)
        text += piece
        return piece
    }
}
