internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// Records as a file holds them, or a folder of files, with everything that is wrong with them.
struct RecordReading {
    /// The records, in the order of the files and in theirs; those that could not be read are left out.
    private(set) var records: [JSONValue] = []
    /// What is wrong inside of files.
    private(set) var problems: [PlaybookProblem] = []
    /// Why there is nothing to read at all; nil where there is.
    private(set) var failure: String?

    /// The largest file, in bytes.
    static let byteLimit = 64 << 20
    /// The most records.
    static let recordLimit = 100_000
    /// The endings that files of records have.
    static let endings = [".jsonl", ".json", ".yaml", ".yml"]
    /// YAML is dearer to read than JSON.
    private static let yamlByteLimit = 4 << 20
    private static let yamlNodeLimit = 200_000

    /// Reads a file or a folder.
    ///
    /// - Parameter path: a `.jsonl`, `.json`, `.yaml` or `.yml` file, or a folder of these, read in the order of their names.
    init(of path: String) {
        guard TextFile.isFolder(path) else {
            readFile(path)
            return
        }
        let names = TextFile.names(in: path).filter { Self.ending(of: $0) != nil }
        guard !names.isEmpty else {
            failure = "the folder holds no \(Self.endings.joined(separator: ", ")) file"
            return
        }
        for name in names { readFile(TextFile.join(path, name)) }
    }

    private static func ending(of path: String) -> String? { endings.first { path.hasSuffix($0) } }

    private mutating func readFile(_ path: String) {
        guard let ending = Self.ending(of: path) else {
            failure = "expected a \(Self.endings.joined(separator: ", ")) file, or a folder of such files"
            return
        }
        let isYAML = ending == ".yaml" || ending == ".yml"
        let bytes: [UInt8]
        do throws(TextFile.Failure) {
            bytes = try TextFile.read(path, limit: isYAML ? Self.yamlByteLimit : Self.byteLimit)
        } catch {
            failure = if case .refused(let reason) = error { reason } else { "there is no such file" }
            return
        }
        switch ending {
        case ".jsonl": readLines(bytes, path)
        case ".json": readJSON(bytes, path)
        default: readYAML(bytes, path)
        }
    }

    // MARK: - Forms

    /// A record on each line; empty lines are passed over.
    private mutating func readLines(_ bytes: [UInt8], _ path: String) {
        let bytes = Self.withoutMark(bytes)
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { !Self.isSpace($0) }) else { continue }
            do throws(JSONError) {
                add(try JSONParser.parse(line), path, line: index + 1, column: 1)
            } catch {
                report("not valid JSON: \(error.reason)", path, line: index + 1, column: error.column)
            }
        }
    }

    /// A list of records, or one.
    private mutating func readJSON(_ bytes: [UInt8], _ path: String) {
        do throws(JSONError) {
            add(all: try JSONParser.parse(Self.withoutMark(bytes)), path) { _ in (1, 1) }
        } catch {
            report("not valid JSON: \(error.reason)", path, line: error.line, column: error.column)
        }
    }

    /// A list of records, or one.
    private mutating func readYAML(_ bytes: [UInt8], _ path: String) {
        let file = YAMLFile(bytes, file: path, byteLimit: Self.yamlByteLimit, nodeLimit: Self.yamlNodeLimit)
        problems += file.problems
        guard let value = file.value else { return }
        add(all: value, path) { index in
            let place = file.map[index.map { PlanPath()[$0] } ?? PlanPath()]?.value
            return (place?.line ?? 1, place?.column ?? 1)
        }
    }

    private mutating func add(all value: JSONValue, _ path: String, at place: (Int?) -> (line: Int, column: Int)) {
        guard let elements = value.arrayValue else {
            let (line, column) = place(nil)
            return add(value, path, line: line, column: column)
        }
        for (index, element) in elements.enumerated() {
            if element.objectValue != nil {
                add(element, path, line: 1, column: 1)
            } else {
                let (line, column) = place(index)
                report(
                    "element \(index) must be a mapping, found \(JSONText.kind(of: element))", path, line: line,
                    column: column)
            }
        }
    }

    private mutating func add(_ record: JSONValue, _ path: String, line: Int, column: Int) {
        guard record.objectValue != nil else {
            return report(
                "a record must be a mapping, found \(JSONText.kind(of: record))", path, line: line, column: column)
        }
        guard records.count < Self.recordLimit else {
            return report("more than \(Self.recordLimit) records", path, line: line, column: column)
        }
        records.append(record)
    }

    private mutating func report(_ message: String, _ path: String, line: Int, column: Int) {
        guard problems.count < PlanLimits.problems else { return }
        problems.append(
            PlaybookProblem(position: SourcePosition(file: path, line: line, column: column), message: message))
    }

    // MARK: - Bytes

    /// Some editors write a byte order mark, which is no part of the text.
    private static func withoutMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0D].contains(byte) }
}
