internal import StoaCore
internal import StoaText

/// Turns sampled tokens into text that may be shown: whole characters, and no part of a stop string.
///
/// A block of code that ends the text holds nothing back: it is known to be complete when it is.
struct TextAssembler {
    private var decoder: StreamingDecoder?
    private var matcher: StopMatcher
    /// Looks for the end of a block of code; nil where there is nothing to look for.
    private var scanner: FenceScanner?
    /// Bytes of text that the scanner has been given.
    private var scanned = 0
    /// Everything given out so far.
    private(set) var text = ""

    /// Creates an assembler at the beginning of a text.
    ///
    /// - Parameters:
    ///   - tokenizer: whose tokens will come; nil for a model without text.
    ///   - stop: the strings that end it.
    ///   - fence: how a block of code is fenced whose end ends it; nil where blocks are text like any other.
    /// - Throws: `SamplingError` for an empty stop string.
    init(tokenizer: Tokenizer?, stop: StopCondition, fence: FenceSyntax? = nil) throws {
        decoder = tokenizer.map { StreamingDecoder($0) }
        matcher = try stop.makeMatcher()
        scanner = fence.map { FenceScanner($0) }
    }

    /// Whether a stop string has ended the text.
    var isStopped: Bool { matcher.match != nil }

    /// Whether a block of code has ended the text.
    var isFenced: Bool { !isStopped && scanner?.match != nil }

    /// Why the text has ended; nil while it goes on.
    var ending: FinishReason? { isStopped ? .stopString : isFenced ? .fence : nil }

    /// Takes a token.
    ///
    /// - Returns: text that has become certain.
    mutating func append(_ id: TokenID) -> String {
        guard var piece = decoder?.append(id) else { return "" }
        guard let end = endOfBlock(in: &piece) else {
            return piece.isEmpty ? "" : give(matcher.feed(piece.utf8).emitted)
        }
        // Of a stop string and a block the one that is complete first ends the text, a stop string of two at once.
        let bytes = Array(piece.utf8)
        let start = scanned - bytes.count
        var emitted = matcher.feed(bytes[..<(end - start)]).emitted
        if !isStopped { emitted += matcher.finish() + bytes[(end - start)...] }
        return give(emitted)
    }

    /// Ends the text.
    ///
    /// - Returns: what was held back.
    mutating func finish() -> String {
        guard !isStopped, !isFenced else { return "" }
        let rest = decoder?.finish() ?? ""
        return give(matcher.feed(rest.utf8).emitted + matcher.finish())
    }

    /// Where in the text a block of code is complete, if it is so with this piece.
    ///
    /// - Parameter piece: the text that a token made certain; where the block is complete with bytes that the decoder
    ///   still holds, such as a line ending that is spelt by its byte, these are added, because the text ends here.
    /// - Returns: how many bytes of the text it takes; nil where no block is complete.
    private mutating func endOfBlock(in piece: inout String) -> Int? {
        guard var scanner, scanner.match == nil else { return nil }
        defer { self.scanner = scanner }
        scanned += piece.utf8.count
        if let match = scanner.feed(piece.utf8) {
            let rest = decoder?.finish() ?? ""
            piece += rest
            scanned += rest.utf8.count
            return match.end
        }
        var (ahead, ended) = (scanner, decoder)
        guard let rest = ended?.finish(), let match = ahead.feed(rest.utf8) else { return nil }
        (scanner, decoder) = (ahead, ended)
        piece += rest
        scanned += rest.utf8.count
        return match.end
    }

    // Stop strings begin with whole characters, so what is given out ends with one.
    private mutating func give(_ bytes: [UInt8]) -> String {
        let piece = String(decoding: bytes, as: UTF8.self)
        text += piece
        return piece
    }
}
