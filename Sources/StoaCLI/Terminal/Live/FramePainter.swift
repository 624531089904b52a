/// Draws lines over those drawn before: the escape sequences for it.
///
/// Pure: it knows what stands on the terminal and gives the text that changes it. Lines that stay go above; the picture
/// that changes is always the last thing on the terminal, with the cursor at the beginning of the line below it.
package struct FramePainter: Sendable {
    private static let eraseLine = "\u{1B}[K"
    private static let eraseBelow = "\u{1B}[J"

    /// The lines of the picture as they stand there, and their cells.
    private var drawn: [(text: String, cells: Int)] = []
    private var drawnWidth = 0

    /// Creates a painter for a terminal with nothing of ours on it.
    package init() {}

    /// Whether a picture stands on the terminal.
    package var isEmpty: Bool { drawn.isEmpty }

    /// Draws a picture in place of the one before.
    ///
    /// - Parameters:
    ///   - above: lines that stay, above the picture.
    ///   - frame: the new picture; every line fits the terminal.
    ///   - width: the cells of a line of the terminal now.
    ///   - colored: whether styles become escape sequences.
    /// - Returns: what to write; empty where nothing changes.
    package mutating func paint(
        above: [StyledText], frame: [StyledText], width: Int, colored: Bool
    ) -> String {
        let new = frame.map { (text: $0.rendered(colored: colored, terminal: true), cells: $0.width) }
        if above.isEmpty, width == drawnWidth, new.elementsEqual(drawn, by: { $0.text == $1.text }) { return "" }
        var (output, rows) = start(width: width)
        for line in above { output += Self.eraseLine + line.rendered(colored: colored, terminal: true) + "\r\n" }
        for line in new { output += Self.eraseLine + line.text + "\r\n" }
        rows -= above.count + new.count
        (drawn, drawnWidth) = (new, width)
        return output + Self.erase(rows: rows)
    }

    /// Takes the picture away.
    ///
    /// - Parameter width: the cells of a line of the terminal now.
    /// - Returns: what to write; empty where nothing stands there.
    package mutating func clear(width: Int) -> String {
        guard !drawn.isEmpty else { return "" }
        let (output, rows) = start(width: width)
        drawn = []
        return output + Self.erase(rows: rows)
    }

    /// Goes to where the picture begins, and says how many of its rows are there to be erased or written over.
    ///
    /// A terminal that was made narrower breaks the lines that no longer fit, so the picture has more rows than lines;
    /// these are erased right away, and whatever is below them.
    private func start(width: Int) -> (output: String, rows: Int) {
        guard !drawn.isEmpty else { return ("\r", 0) }
        guard width != drawnWidth else { return ("\r\u{1B}[\(drawn.count)A", drawn.count) }
        let rows = drawn.reduce(0) { $0 + max(1, ($1.cells + max(width, 1) - 1) / max(width, 1)) }
        let erased = String(repeating: Self.eraseLine + "\r\n", count: rows)
        return ("\r\u{1B}[\(rows)A\(erased)\(Self.eraseBelow)\u{1B}[\(rows)A", 0)
    }

    /// Erases rows from the cursor on, which stays where it is.
    ///
    /// Row by row, since some terminals keep what is erased from their first row on as if it had scrolled away.
    private static func erase(rows: Int) -> String {
        guard rows > 0 else { return "" }
        return String(repeating: Self.eraseLine + "\r\n", count: rows) + "\u{1B}[\(rows)A"
    }
}
