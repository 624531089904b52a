/// Comma-separated values as RFC 4180 has them: cells in double quotes may hold commas, line breaks and doubled quotes.
enum DelimitedText {
    /// A row, and the line that it begins in.
    struct Row: Sendable, Hashable {
        var line: Int
        var cells: [String]
    }

    /// The rows of a file; empty lines are left out.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - path: its name, for errors.
    /// - Returns: the rows, the header among them.
    /// - Throws: `EvaluationError` for a quote that is not closed, or that stands inside a cell.
    static func rows(of bytes: [UInt8], path: String) throws(EvaluationError) -> [Row] {
        var reader = Reader(bytes: bytes, path: path)
        return try reader.rows()
    }

    private struct Reader {
        private let bytes: [UInt8]
        private let path: String
        private var index: Int
        private var line = 1

        private static let quote = UInt8(ascii: "\"")
        private static let comma = UInt8(ascii: ",")
        private static let feed = UInt8(ascii: "\n")
        private static let carriageReturn = UInt8(ascii: "\r")

        init(bytes: [UInt8], path: String) {
            self.bytes = bytes
            self.path = path
            index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        }

        mutating func rows() throws(EvaluationError) -> [Row] {
            var rows: [Row] = []
            while index < bytes.count {
                let row = try row()
                if row.cells != [""] { rows.append(row) }
            }
            return rows
        }

        private mutating func row() throws(EvaluationError) -> Row {
            var row = Row(line: line, cells: [])
            while true {
                row.cells.append(try cell())
                guard index < bytes.count, bytes[index] == Self.comma else { break }
                index += 1
            }
            if index < bytes.count, bytes[index] == Self.carriageReturn { index += 1 }
            if index < bytes.count, bytes[index] == Self.feed {
                index += 1
                line += 1
            }
            return row
        }

        private mutating func cell() throws(EvaluationError) -> String {
            guard index < bytes.count, bytes[index] == Self.quote else {
                let start = index
                while index < bytes.count, bytes[index] != Self.comma, bytes[index] != Self.feed, !isLineEnd {
                    index += 1
                }
                return String(decoding: bytes[start..<index], as: UTF8.self)
            }
            let first = line
            var content: [UInt8] = []
            index += 1
            while true {
                guard index < bytes.count else {
                    throw EvaluationError(.invalidProblems, "\(path):\(first): a quote is opened and never closed")
                }
                let byte = bytes[index]
                index += 1
                if byte == Self.feed { line += 1 }
                if byte == Self.quote {
                    guard index < bytes.count, bytes[index] == Self.quote else { break }
                    index += 1
                }
                content.append(byte)
            }
            guard index == bytes.count || bytes[index] == Self.comma || bytes[index] == Self.feed || isLineEnd else {
                throw EvaluationError(
                    .invalidProblems, "\(path):\(line): expected a comma or the end of the line behind a closing quote",
                    hint: "inside of quotes, a quote is written twice")
            }
            return String(decoding: content, as: UTF8.self)
        }

        private var isLineEnd: Bool {
            bytes[index] == Self.carriageReturn && (index + 1 == bytes.count || bytes[index + 1] == Self.feed)
        }
    }
}
