/// Text of a model as lines that fit a terminal.
package enum TextWrap {
    /// What stands for a character that is wider than the whole terminal.
    private static let substitute: Character = "?"
    /// Marks on top of one character that are shown; a stack without end is a picture nobody can read.
    private static let maximumMarks = 8

    /// The text as it may stand in a line: control characters made visible, tabs as spaces, line breaks of every kind as
    /// line feeds.
    package static func clean(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var marks = 0
        var afterReturn = false
        for scalar in text.unicodeScalars {
            defer { afterReturn = scalar == "\r" }
            switch scalar {
            case "\t":
                scalars.append(contentsOf: "  ".unicodeScalars)
            case "\r", "\u{2028}", "\u{2029}": scalars.append("\n")
            case "\n": if !afterReturn { scalars.append("\n") }
            default:
                let isMark = CellWidth.of(scalar) == 0 && scalar.properties.generalCategory != .control
                marks = isMark ? marks + 1 : 0
                if marks <= maximumMarks { scalars.append(scalar) }
            }
        }
        return TerminalText.harmless(String(scalars))
    }

    /// Breaks a text between words where it can.
    ///
    /// - Parameters:
    ///   - text: the text, in any form.
    ///   - width: the cells of a line, at least 1.
    /// - Returns: lines of at most `width` cells; at least one.
    package static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for paragraph in clean(text).split(separator: "\n", omittingEmptySubsequences: false) {
            var wrapping = Paragraph(width: max(width, 1))
            for character in paragraph { wrapping.add(character) }
            lines += wrapping.finish()
        }
        return lines
    }

    /// The text on one line, cut where it is too long.
    package static func line(_ text: String, width: Int) -> String {
        let text = clean(text).split(separator: "\n").joined(separator: " ")
        guard CellWidth.of(text) > width else { return text }
        guard width > 0 else { return "" }
        return prefix(of: text, width: width - 1) + "…"
    }

    /// The beginning of a clean text that fits.
    static func prefix(of text: String, width: Int) -> String {
        var result = ""
        var taken = 0
        for character in text {
            taken += CellWidth.of(character)
            guard taken <= width else { break }
            result.append(character)
        }
        return result
    }

    /// A paragraph being broken: a line, and the word that may still move to the next one.
    private struct Paragraph {
        let width: Int
        private var lines: [String] = []
        private var line = ""
        private var lineWidth = 0
        private var word = ""
        private var wordWidth = 0

        init(width: Int) { self.width = width }

        mutating func add(_ character: Character) {
            if character == " " {
                endWord()
                // A space at the end of a line is the break itself.
                guard lineWidth < width else { return endLine() }
                line.append(character)
                lineWidth += 1
                return
            }
            var (character, cells) = (character, CellWidth.of(character))
            if cells > width { (character, cells) = (TextWrap.substitute, 1) }
            if lineWidth + wordWidth + cells > width, lineWidth > 0 { endLine() }
            if wordWidth + cells > width {
                endWord()
                endLine()
            }
            word.append(character)
            wordWidth += cells
            // Scripts with wide characters break anywhere.
            if cells == 2 { endWord() }
        }

        private mutating func endWord() {
            line += word
            lineWidth += wordWidth
            (word, wordWidth) = ("", 0)
        }

        private mutating func endLine() {
            while line.last == " " { line.removeLast() }
            lines.append(line)
            (line, lineWidth) = ("", 0)
        }

        mutating func finish() -> [String] {
            endWord()
            endLine()
            return lines
        }
    }
}
