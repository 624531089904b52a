internal import StoaCore
internal import StoaText

/// Tells calls of tools apart from the words around them, while they are written.
///
/// Words are passed on as they come, up to where a call may begin; what begins with a call is held until the reply ends,
/// and then is calls, or words after all. Where no tools are offered, everything is words.
struct ToolCallFilter {
    private let offered: Set<String>
    private let format: any ToolCallFormat.Type
    private let tokenizer: Tokenizer

    /// Words that may belong to the beginning of a call: blanks, and the beginning of a mark.
    private var held = ""
    /// From the first call on: the words, and the same with the names of marks that are control tokens.
    private var (shown, written) = ("", "")
    private var isCalling = false
    /// Whether nothing but blanks has come so far.
    private var isAtStart = true

    /// The words that were passed on.
    private(set) var text = ""
    /// The calls, once the reply has ended.
    private(set) var calls: [ToolCall] = []

    /// Creates a filter at the beginning of a reply.
    ///
    /// - Parameters:
    ///   - tools: the tools that were offered.
    ///   - format: how the model writes calls.
    ///   - tokenizer: what names control tokens.
    init(_ tools: [ToolDefinition], format: any ToolCallFormat.Type, tokenizer: Tokenizer) {
        offered = Set(tools.map(\.name))
        self.format = format
        self.tokenizer = tokenizer
    }

    /// Takes words.
    ///
    /// - Parameters:
    ///   - piece: words that became certain.
    ///   - token: the token that they became certain with.
    /// - Returns: words to be shown.
    mutating func take(_ piece: String, token: TokenID? = nil) -> String {
        guard !offered.isEmpty else { return show(piece) }
        if let token, tokenizer.isControl(token) {
            let name = tokenizer.piece(of: token)
            if isCalling {
                written += name
            } else if format.marks.contains(name) {
                let before = release(keepingBlanks: true)
                begin(with: held, written: name)
                return before + take(piece)
            }
        }
        guard !piece.isEmpty else { return "" }
        if isCalling {
            shown += piece
            written += piece
            return ""
        }
        held += piece
        if isAtStart, let first = held.first(where: { !$0.isWhitespace }) {
            isAtStart = false
            if format.firsts.contains(first) {
                begin(with: held, written: held)
                return ""
            }
        }
        let mark = format.marks.compactMap { held.firstRange(of: $0)?.lowerBound }.min()
        guard let mark else { return release(keepingBlanks: true) }
        let call = String(held[mark...])
        held = String(held[..<mark])
        let before = release(keepingBlanks: true)
        begin(with: held + call, written: call)
        return before
    }

    /// Ends the reply.
    ///
    /// - Returns: words to be shown that were no calls.
    mutating func finish() -> String {
        guard isCalling else { return release(keepingBlanks: false) }
        isCalling = false
        guard let reading = format.read(written, offered: offered) else { return show(shown) }
        calls = reading.calls
        return show(reading.rest)
    }

    private mutating func begin(with words: String, written: String) {
        isCalling = true
        isAtStart = false
        held = ""
        shown = words
        self.written = written
    }

    private mutating func show(_ words: String) -> String {
        text += words
        return words
    }

    /// Passes on what can't belong to the beginning of a call any more.
    private mutating func release(keepingBlanks: Bool) -> String {
        var end = held.endIndex
        if keepingBlanks {
            let longest = format.marks.map { held.partialSuffix(of: $0) }.max() ?? 0
            end = held.index(end, offsetBy: -longest)
            while end > held.startIndex, held[held.index(before: end)].isWhitespace { end = held.index(before: end) }
        }
        let words = String(held[..<end])
        held = String(held[end...])
        return show(words)
    }
}

extension String {
    /// The length of the longest end of this text that is a beginning of another one.
    fileprivate func partialSuffix(of mark: String) -> Int {
        (1..<Swift.max(mark.count, 1)).reversed().first { hasSuffix(mark.prefix($0)) } ?? 0
    }
}
