/// Text in pieces with styles: the only way in which an escape sequence reaches a terminal.
///
/// The pieces themselves are plain. Whatever control characters they hold are made visible when they are written to a
/// terminal, so text of a model may stand in any of them.
package struct StyledText: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// The styles in use, by their SGR numbers.
    package enum Style: Int, Sendable {
        case bold = 1
        case dim = 2
        case red = 31
        case green = 32
        case yellow = 33
        case blue = 34
        case magenta = 35
        case cyan = 36
    }

    private(set) var pieces: [(text: String, style: Style?)]

    package init(_ text: String, _ style: Style? = nil) { pieces = [(text, style)] }

    package init(stringLiteral value: String) { self.init(value) }

    /// The text without styles.
    package var plain: String { pieces.map(\.text).joined() }

    package static func + (left: StyledText, right: StyledText) -> StyledText {
        var sum = left
        sum.pieces += right.pieces
        return sum
    }

    package static func += (left: inout StyledText, right: StyledText) { left = left + right }

    /// The bytes for a stream.
    ///
    /// - Parameters:
    ///   - colored: whether styles become escape sequences.
    ///   - terminal: whether control characters are made visible.
    /// - Returns: the text to write.
    package func rendered(colored: Bool, terminal: Bool) -> String {
        pieces.map { text, style in
            let text = terminal ? TerminalText.harmless(text) : text
            guard colored, let style, !text.isEmpty else { return text }
            return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
        }
        .joined()
    }
}

extension [StyledText] {
    /// The texts with a separator between them.
    func joined(separator: StyledText) -> StyledText {
        var result: StyledText = ""
        for (index, text) in enumerated() { result += index > 0 ? separator + text : text }
        return result
    }
}
