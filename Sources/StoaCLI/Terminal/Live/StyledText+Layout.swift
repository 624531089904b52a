extension StyledText {
    /// The cells of the text.
    package var width: Int { pieces.reduce(0) { $0 + CellWidth.of($1.text) } }

    /// The text on one line of a terminal, cut where it is too long.
    ///
    /// - Parameter width: the cells there are.
    /// - Returns: a text without control characters of at most `width` cells.
    package func fitted(to width: Int) -> StyledText {
        var left = max(width, 0)
        var result: StyledText = ""
        for (text, style) in pieces {
            let text = TextWrap.clean(text).split(separator: "\n", omittingEmptySubsequences: false)
                .joined(separator: " ")
            let cells = CellWidth.of(text)
            guard cells > left else {
                result += StyledText(text, style)
                left -= cells
                continue
            }
            if left > 0 { result += StyledText(TextWrap.prefix(of: text, width: left - 1) + "…", style) }
            return result
        }
        return result
    }

    /// The first parts that fit together, with two spaces between them; the first one is cut rather than left out.
    ///
    /// - Parameters:
    ///   - parts: what to show, the most important first.
    ///   - width: the cells there are.
    /// - Returns: a line that fits.
    package static func line(_ parts: [StyledText], width: Int) -> StyledText {
        guard let first = parts.first else { return "" }
        var line = first.fitted(to: width)
        var used = line.width
        for part in parts.dropFirst() {
            let part = part.fitted(to: .max)
            guard used + 2 + part.width <= width else { break }
            line += "  " + part
            used += 2 + part.width
        }
        return line
    }
}
