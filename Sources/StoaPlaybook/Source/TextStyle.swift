internal import StoaRuntime

/// How a text was written in YAML, which decides where its lines and columns are in the file.
enum TextStyle: Sendable {
    /// Without quotes.
    case plain
    /// In single quotes.
    case singleQuoted
    /// In double quotes.
    case doubleQuoted
    /// After `|`.
    case literal
    /// After `>`.
    case folded

    /// Where a place of the text is in the file; the beginning of its line, or of the text, where that can't be told.
    func position(
        of place: PlanProblem.Place, startingAt start: SourcePosition, in lines: [Substring]
    ) -> SourcePosition {
        switch self {
        case .literal: literalPosition(of: place, startingAt: start, in: lines)
        case .folded: literalPosition(of: PlanProblem.Place(line: 1, column: 1), startingAt: start, in: lines)
        case .plain, .singleQuoted, .doubleQuoted: flowPosition(of: place, startingAt: start, in: lines)
        }
    }

    private func literalPosition(
        of place: PlanProblem.Place, startingAt start: SourcePosition, in lines: [Substring]
    ) -> SourcePosition {
        // The first line with content decides how far all are indented.
        let content = lines.dropFirst(start.line).first { line in line.contains { $0 != " " && $0 != "\r" } }
        let indentation = content?.prefix { $0 == " " }.count ?? 0
        var position = start
        position.line = min(start.line + place.line, max(start.line, lines.count))
        position.column = position.line == start.line ? start.column : indentation + place.column
        return position
    }

    private func flowPosition(
        of place: PlanProblem.Place, startingAt start: SourcePosition, in lines: [Substring]
    ) -> SourcePosition {
        guard lines.indices.contains(start.line - 1) else { return start }
        var rest = lines[start.line - 1].unicodeScalars.dropFirst(start.column - 1)
        var position = start
        if self != .plain, rest.popFirst() != nil { position.column += 1 }
        var line = 1
        var column = 1
        while (line, column) < (place.line, place.column), let scalar = rest.popFirst() {
            position.column += 1
            var isLineBreak = false
            if self == .doubleQuoted, scalar == "\\", let escape = rest.popFirst() {
                let digits = ["x": 2, "u": 4, "U": 8][escape] ?? 0
                rest = rest.dropFirst(digits)
                position.column += 1 + digits
                isLineBreak = escape == "n"
            } else if self == .singleQuoted, scalar == "'", rest.first == "'" {
                rest = rest.dropFirst()
                position.column += 1
            }
            (line, column) = isLineBreak ? (line + 1, 1) : (line, column + 1)
        }
        // A text of several lines is folded, so its columns say nothing about the file's.
        return (line, column) == (place.line, place.column) ? position : start
    }
}
