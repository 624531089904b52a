import StoaCLI

/// A terminal as far as pictures that change in place need one: it keeps all lines, breaks those that are too long, and
/// breaks them anew when it is made narrower.
struct ScreenModel {
    /// A logical line: what was written up to a line feed.
    private var lines: [Line] = [Line()]
    /// Where the cursor stands: the row on the terminal, from the top of everything ever written, and the cell.
    private var row = 0
    private var cell = 0
    private(set) var width: Int
    /// Sequences and control characters that it does not know; there must be none.
    private(set) var unknown: [String] = []

    init(width: Int) { self.width = width }

    private struct Line {
        var text = ""
        var cells = 0
    }

    /// What stands there, see `visible`.
    var text: [String] { Self.visible(lines.map(\.text)) }

    /// Lines as one sees them: without what takes no cell, trailing blanks, and empty lines at the end.
    static func visible(_ lines: [String]) -> [String] {
        var rows = lines.map { line in
            var scalars = String.UnicodeScalarView(line.unicodeScalars.filter { CellWidth.of($0) > 0 })
            while scalars.last == " " { scalars.removeLast() }
            return String(scalars)
        }
        while rows.last?.isEmpty == true { rows.removeLast() }
        return rows
    }

    private func rows(of line: Line) -> Int { max(1, (line.cells + width - 1) / width) }

    /// Makes the terminal wider or narrower; the cursor stays in its line.
    mutating func resize(to width: Int) {
        // Everything of ours is drawn with the cursor below it, at the beginning of a line.
        let (line, _) = place(of: row)
        self.width = width
        row = lines[..<line].reduce(0) { $0 + rows(of: $1) }
        cell = 0
    }

    /// The line that a row shows, and the row within it.
    private func place(of row: Int) -> (line: Int, row: Int) {
        var left = row
        for (index, line) in lines.enumerated() {
            let count = rows(of: line)
            if left < count { return (index, left) }
            left -= count
        }
        return (lines.count, left)
    }

    mutating func write(_ text: String) {
        var scalars = Array(text.unicodeScalars)[...]
        var run = ""
        func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
        while let scalar = scalars.popFirst() {
            guard isControl(scalar) else {
                run.unicodeScalars.append(scalar)
                continue
            }
            put(run)
            run = ""
            switch scalar {
            case "\r": cell = 0
            case "\n":
                row += 1
                while place(of: row).line >= lines.count { lines.append(Line()) }
            case "\u{1B}" where scalars.first == "[":
                scalars.removeFirst()
                let parameters = scalars.prefix { !("\u{40}"..."\u{7E}").contains($0) }
                scalars = scalars.dropFirst(parameters.count)
                let number = Int(String(String.UnicodeScalarView(parameters))) ?? 0
                switch scalars.popFirst() {
                case "A": row = max(0, row - max(number, 1))
                case "K": eraseLine()
                case "J":
                    eraseLine()
                    lines.removeSubrange(min(place(of: row).line + 1, lines.count)...)
                case "m": break
                case let final: unknown.append("CSI \(number) \(final.map { String($0) } ?? "")")
                }
            default: unknown.append("U+\(String(scalar.value, radix: 16))")
            }
        }
        put(run)
    }

    /// Erasing from within a broken line takes away what is behind the cursor.
    private mutating func eraseLine() {
        let place = place(of: row)
        guard place.line < lines.count else { return }
        cut(place.line, to: place.row * width + cell)
    }

    private mutating func cut(_ line: Int, to cells: Int) {
        guard cells < lines[line].cells || cells == 0 else { return }
        var kept = Line()
        for character in lines[line].text {
            let width = CellWidth.of(character)
            guard kept.cells + width <= cells, cells > 0 else { break }
            kept.text.append(character)
            kept.cells += width
        }
        lines[line] = kept
    }

    /// Our pictures erase a line before they write it, so nothing is ever written over.
    private mutating func put(_ text: String) {
        guard !text.isEmpty else { return }
        let place = place(of: row)
        cut(place.line, to: place.row * width + cell)
        let cells = CellWidth.of(text)
        lines[place.line].text += text
        lines[place.line].cells += cells
        cell += cells
    }
}
