/// Rows in aligned columns, separated by two spaces.
package struct TextTable {
    /// How a column stands.
    package enum Alignment {
        case leading, trailing
    }

    private let alignments: [Alignment]
    private var rows: [[StyledText]] = []

    /// Creates a table.
    ///
    /// - Parameter alignments: one per column.
    package init(_ alignments: Alignment...) { self.alignments = alignments }

    /// Adds a row of one text per column.
    package mutating func add(_ cells: StyledText...) {
        precondition(cells.count == alignments.count, "a row has one cell per column")
        rows.append(cells)
    }

    /// The rows as lines; trailing spaces are left out.
    ///
    /// Widths count the cells of a terminal.
    package var text: StyledText {
        let widths = alignments.indices.map { column in rows.map { $0[column].width }.max() ?? 0 }
        return rows.map { row in
            var line: StyledText = ""
            let last = row.lastIndex { !$0.plain.isEmpty } ?? 0
            for column in 0...last {
                let padding = StyledText(String(repeating: " ", count: widths[column] - row[column].width))
                let cell = row[column]
                if column > 0 { line += "  " }
                switch alignments[column] {
                case .leading: line += column == last ? cell : cell + padding
                case .trailing: line += padding + cell
                }
            }
            return line
        }
        .joined(separator: "\n")
    }
}
