internal import OrderedCollections
internal import StoaCore

/// The problems of a file, in the order in which they stand there.
///
/// A file is JSON Lines, an object per line, or CSV with a header; the name's ending tells, or else the first character.
public struct ProblemFile: Sendable, Hashable {
    /// The name of the file.
    public var path: String
    /// The problems; their names are all different.
    public var problems: [Problem]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - path: its name, for errors and for people.
    /// - Throws: `EvaluationError` that names the line.
    public init(_ bytes: [UInt8], path: String) throws(EvaluationError) {
        let isTable =
            path.hasSuffix(".csv") || !path.hasSuffix(".jsonl") && bytes.first { $0 > 0x20 } != UInt8(ascii: "{")
        try self.init(
            isTable ? try Self.table(bytes, path) : try Self.lines(bytes, path), path: path)
    }

    private init(_ records: [(line: Int, members: JSONValue.Members)], path: String) throws(EvaluationError) {
        self.path = path
        problems = []
        var places: [String: Int] = [:]
        for (line, members) in records {
            let problem = try Problem(members, at: "\(path):\(line)", named: "line-\(line)")
            if let first = places.updateValue(line, forKey: problem.id) {
                throw EvaluationError(
                    .invalidProblems, "\(path):\(line): the id \"\(problem.id)\" stands in line \(first) already",
                    hint: "give every problem an id of its own: results are told apart by it")
            }
            problems.append(problem)
        }
        guard !problems.isEmpty else {
            throw EvaluationError(.invalidProblems, "\(path): expected at least one problem, found none")
        }
    }

    private static func lines(
        _ bytes: [UInt8], _ path: String
    ) throws(EvaluationError) -> [(line: Int, members: JSONValue.Members)] {
        var records: [(line: Int, members: JSONValue.Members)] = []
        for (number, line) in JSONLines.lines(of: bytes) {
            let document: JSONValue
            do {
                document = try JSONParser.parse(line)
            } catch {
                throw EvaluationError(.invalidProblems, "\(path):\(number):\(error.column): \(error.reason)")
            }
            guard let members = document.objectValue else {
                throw EvaluationError(
                    .invalidProblems, "\(path):\(number): expected an object {\"id\", \"question\", \"answer\"}")
            }
            records.append((number, members))
        }
        return records
    }

    private static func table(
        _ bytes: [UInt8], _ path: String
    ) throws(EvaluationError) -> [(line: Int, members: JSONValue.Members)] {
        let rows = try DelimitedText.rows(of: bytes, path: path)
        guard let header = rows.first else { return [] }
        if let twice = header.cells.indices.first(where: { header.cells[..<$0].contains(header.cells[$0]) }) {
            throw EvaluationError(
                .invalidProblems, "\(path):\(header.line): the column \"\(header.cells[twice])\" stands there twice")
        }
        var records: [(line: Int, members: JSONValue.Members)] = []
        for row in rows.dropFirst() {
            guard row.cells.count == header.cells.count else {
                throw EvaluationError(
                    .invalidProblems,
                    "\(path):\(row.line): expected \(header.cells.count) cells as in the header, found \(row.cells.count)",
                    hint: "a cell with a comma or a line break stands in double quotes")
            }
            var members: JSONValue.Members = [:]
            for (name, cell) in zip(header.cells, row.cells) { members[name] = .string(cell) }
            records.append((row.line, members))
        }
        return records
    }

    /// The first so many problems.
    public func prefix(_ limit: Int?) -> [Problem] { limit.map { Array(problems.prefix($0)) } ?? problems }
}
