/// Text on its way to a terminal.
///
/// A model can be talked into writing escape sequences that move the cursor, set the title or rewrite what was already
/// shown. None of them reaches the terminal: every control character is shown as a visible picture of itself.
package enum TerminalText {
    /// The text with control characters made visible.
    ///
    /// Line feeds and tabs stay. C0 and DEL become their control pictures, C1 and the characters that change the writing
    /// direction become U+FFFD. Works on any chunk of a stream: no scalar depends on another.
    ///
    /// - Parameter text: any text.
    /// - Returns: text without control characters.
    package static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isHarmful(scalar) ? picture(scalar) : scalar) }
        return String(result)
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0x00..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func picture(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x00..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
        case 0x7F: "\u{2421}"
        default: "\u{FFFD}"
        }
    }
}
