public import StoaCore

extension Tokenizer {
    /// The text of a sequence of ids.
    ///
    /// What is not valid UTF-8 becomes U+FFFD as the reference does it: in a byte-level vocabulary one per maximal
    /// invalid part of the joined bytes; in a SentencePiece vocabulary one per token of a run of byte tokens that is
    /// not valid as a whole.
    ///
    /// - Parameters:
    ///   - ids: ids of this vocabulary.
    ///   - skipSpecial: whether control tokens are left out.
    /// - Returns: the text.
    /// - Throws: `TokenizerError` for an id outside the vocabulary.
    public func decode(_ ids: some Sequence<TokenID>, skipSpecial: Bool = true) throws(TokenizerError) -> String {
        var decoder = StreamingDecoder(self, skipSpecial: skipSpecial)
        var text = ""
        for id in ids {
            guard contains(id) else {
                throw TokenizerError(
                    .unknownToken, "token id \(id) is outside the vocabulary, expected 0 to \(vocabularySize - 1)")
            }
            text += decoder.append(id)
        }
        return text + decoder.finish()
    }
}

/// Turns ids into text as they come: what has been given out is complete and never changes.
///
/// A character whose bytes are spread over several tokens is held back until it is complete; in a SentencePiece
/// vocabulary until the run of byte tokens ends, since the reference judges a run as a whole. The texts given out,
/// joined, are what `Tokenizer.decode(_:skipSpecial:)` gives for all ids at once.
public struct StreamingDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipSpecial: Bool
    /// Bytes that do not yet make up whole characters.
    private var held: [UInt8] = []
    /// Whether the next text begins the sequence and loses the space that encoding put before it.
    private var stripsSpace: Bool

    /// Creates a decoder at the beginning of a sequence.
    ///
    /// - Parameters:
    ///   - tokenizer: whose ids will come.
    ///   - skipSpecial: whether control tokens are left out.
    public init(_ tokenizer: Tokenizer, skipSpecial: Bool = true) {
        self.tokenizer = tokenizer
        self.skipSpecial = skipSpecial
        stripsSpace = tokenizer.stripsLeadingSpace
    }

    /// Takes one id.
    ///
    /// - Parameter id: an id of the tokenizer's vocabulary.
    /// - Returns: the text that is now complete, often empty.
    public mutating func append(_ id: TokenID) -> String {
        precondition(tokenizer.contains(id), "token id outside the vocabulary")
        if skipSpecial, tokenizer.types[id.index].isControl { return "" }
        if case .sentencePiece = tokenizer.speller {
            if tokenizer.fallbackBytes[id.index] >= 0 {
                held.append(contentsOf: tokenizer.spelled[id.index])
                return ""
            }
            return stripped(flushRun() + String(decoding: tokenizer.spelled[id.index], as: UTF8.self))
        }
        held.append(contentsOf: tokenizer.spelled[id.index])
        let complete = held.count - UTF8Scalars.incompleteSuffix(of: held)
        let text = String(decoding: held[..<complete], as: UTF8.self)
        held.removeFirst(complete)
        return text
    }

    /// Ends the sequence.
    ///
    /// - Returns: what was held back, with U+FFFD for what stays incomplete.
    public mutating func finish() -> String {
        if case .sentencePiece = tokenizer.speller { return stripped(flushRun()) }
        defer { held.removeAll() }
        return String(decoding: held, as: UTF8.self)
    }

    /// The text of a run of byte tokens, which is valid as a whole or not at all.
    private mutating func flushRun() -> String {
        guard !held.isEmpty else { return "" }
        defer { held.removeAll() }
        return String(validating: held, as: UTF8.self) ?? String(repeating: "\u{FFFD}", count: held.count)
    }

    private mutating func stripped(_ text: String) -> String {
        guard stripsSpace, let first = text.utf8.first else { return text }
        stripsSpace = false
        return first == 0x20 ? String(decoding: text.utf8.dropFirst(), as: UTF8.self) : text
    }
}
