internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime
internal import Yams

/// A YAML file as a JSON document, with where everything in it was written.
struct YAMLFile {
    /// The document; nil where it could not be read at all.
    private(set) var value: JSONValue?
    /// Where its parts are.
    private(set) var map = SourceMap()
    /// What is wrong with it as YAML.
    private(set) var problems: [PlaybookProblem] = []

    /// The deepest nesting.
    static let depthLimit = 64
    /// The most values, aliases counted as often as they are used.
    static let nodeLimit = 20_000

    private let file: String
    private let byteLimit: Int
    private let nodeLimit: Int
    private var nodes = 0

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: the file's content.
    ///   - file: the name that positions have.
    ///   - byteLimit: the most bytes it may have.
    ///   - nodeLimit: the most values it may have.
    init(_ bytes: [UInt8], file: String, byteLimit: Int = TextFile.limit, nodeLimit: Int = YAMLFile.nodeLimit) {
        self.file = file
        self.byteLimit = byteLimit
        self.nodeLimit = nodeLimit
        read(bytes)
    }

    private mutating func read(_ bytes: [UInt8]) {
        guard bytes.count <= byteLimit else {
            return report("the file has more than \(byteLimit) bytes", at: nil)
        }
        // Some editors write a byte order mark, which is no part of the text.
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return report("the file is not valid UTF-8", at: Self.invalidPlace(in: bytes))
        }
        let aliases = YAMLAliases.count(in: bytes)
        guard aliases <= YAMLAliases.limit else {
            return report(
                "the file has \(aliases) aliases, at most \(YAMLAliases.limit) are allowed", at: nil,
                suggestion: "put what is shared into a file of its own and name it with 'use'")
        }
        map.add(lines: Self.lines(of: text), of: file)
        do {
            guard let root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot() else {
                return report("the file is empty", at: nil)
            }
            value = convert(root, at: PlanPath(), key: nil, depth: 0)
        } catch let error as YamlError {
            report(error, text)
        } catch {
            report("the file is no YAML", at: nil)
        }
    }

    /// The lines as the parser counts them, which has more line breaks than most: those of Windows and old Macintoshes,
    /// NEL, and the separators of lines and paragraphs.
    static func lines(of text: String) -> [Substring] {
        var lines: [Substring] = []
        var start = text.unicodeScalars.startIndex
        var index = start
        let scalars = text.unicodeScalars
        while index < scalars.endIndex {
            let next = scalars.index(after: index)
            if ["\r", "\n", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalars[index]) {
                lines.append(Substring(scalars[start..<index]))
                let isPair = scalars[index] == "\r" && next < scalars.endIndex && scalars[next] == "\n"
                start = isPair ? scalars.index(after: next) : next
                index = start
            } else {
                index = next
            }
        }
        lines.append(Substring(scalars[start...]))
        return lines
    }

    /// Where the first byte stands that is no part of UTF-8.
    private static func invalidPlace(in bytes: [UInt8]) -> (line: Int, column: Int) {
        var decoder = UTF8()
        var rest = bytes.makeIterator()
        var prefix = String.UnicodeScalarView()
        while case .scalarValue(let scalar) = decoder.decode(&rest) { prefix.append(scalar) }
        return end(of: String(prefix))
    }

    /// The place after a text that begins a file.
    private static func end(of text: String) -> (line: Int, column: Int) {
        let lines = lines(of: text)
        return (lines.count, (lines.last?.unicodeScalars.count ?? 0) + 1)
    }

    // MARK: - Conversion

    private mutating func convert(_ node: Node, at path: PlanPath, key: SourcePosition?, depth: Int) -> JSONValue? {
        nodes += 1
        guard nodes <= nodeLimit else {
            if nodes == nodeLimit + 1 {
                report("the file has more than \(nodeLimit) values", at: node.mark.map { ($0.line, $0.column) })
            }
            return nil
        }
        guard depth <= Self.depthLimit else {
            report("nested deeper than \(Self.depthLimit) levels", at: node.mark.map { ($0.line, $0.column) })
            return nil
        }
        let start = node.mark.map { SourcePosition(file: file, line: $0.line, column: $0.column) }
        var entry = SourceMap.Entry(
            key: key, value: start ?? key ?? SourcePosition(file: file, line: 1, column: 1), style: nil)
        defer { map[path] = entry }
        switch node {
        case .scalar(let scalar):
            let value = convert(scalar)
            if value?.stringValue != nil { entry.style = TextStyle(scalar.style) }
            return value
        case .sequence(let sequence):
            return .array(
                sequence.enumerated().compactMap {
                    convert($0.element, at: path[$0.offset], key: nil, depth: depth + 1)
                })
        case .mapping(let mapping): return convert(mapping, at: path, depth: depth)
        case .alias: return nil
        }
    }

    private mutating func convert(_ mapping: Node.Mapping, at path: PlanPath, depth: Int) -> JSONValue {
        var members: JSONValue.Members = [:]
        for (key, value) in mapping {
            let place = key.mark.map { ($0.line, $0.column) }
            guard case .scalar(let scalar) = key, let name = convert(scalar) else {
                let found = key.mapping == nil ? "a list" : "a mapping"
                report(
                    "a key must be a text, found \(found)", at: place,
                    suggestion: key.mapping == nil ? nil : "put {{ }} in quotes")
                continue
            }
            guard case .string(let name) = name else {
                let text = scalar.string
                report(
                    text.isEmpty ? "a key must be a text, found nothing" : "a key must be a text, found \(text)",
                    at: place,
                    suggestion: text.isEmpty ? nil : "write it in quotes: \"\(text)\"")
                continue
            }
            let position = place.map { SourcePosition(file: file, line: $0.0, column: $0.1) }
            if let value = convert(value, at: path[name], key: position, depth: depth + 1) { members[name] = value }
        }
        return .object(members)
    }

    private mutating func convert(_ scalar: Node.Scalar) -> JSONValue? {
        let tag = scalar.tag.description
        if scalar.style != .plain || tag == Tag.Name.str.rawValue { return .string(scalar.string) }
        let isKnown = [Tag.Name.implicit, .int, .float, .bool, .null].contains { $0.rawValue == tag }
        if !isKnown, !tag.isEmpty, tag != "!" {
            report("the tag \(tag) is not known", at: scalar.mark.map { ($0.line, $0.column) })
        }
        return YAMLScalar.value(of: scalar.string)
    }

    // MARK: - Problems

    private mutating func report(_ message: String, at place: (line: Int, column: Int)?, suggestion: String? = nil) {
        let position = SourcePosition(file: file, line: place?.line ?? 1, column: place?.column ?? 1)
        let problem = PlaybookProblem(position: position, message: message, suggestion: suggestion)
        if problems.count < PlanLimits.problems { problems.append(problem) }
    }

    private mutating func report(_ error: YamlError, _ text: String) {
        switch error {
        case .composer(_, let problem, let mark, _) where problem == "but found another document":
            report("the file holds more than one document", at: (mark.line, mark.column))
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let during = context.map { $0.text.isEmpty ? "" : " \($0.text) that began at line \($0.mark.line)" } ?? ""
            let isTooDeep = problem.hasPrefix("Maximum nesting level reached")
            report(
                "not valid YAML: \(isTooDeep ? "nested too deep" : problem + during)", at: clamped(mark, text),
                suggestion: Self.advice(problem))
        case .reader(let problem, let offset, _, _):
            report("not valid YAML: \(problem)", at: Self.end(of: String(text.prefix(offset ?? 0))))
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "'\($0)'" }.joined(separator: ", ")
            report(
                "the key \(names) is given more than once in one mapping", at: (context.mark.line, context.mark.column),
                suggestion: "keep one of them")
        default: report("the file is no YAML", at: nil)
        }
    }

    /// The parser's own position can be one line behind the end.
    private func clamped(_ mark: Mark, _ text: String) -> (line: Int, column: Int) {
        (max(1, mark.line), max(1, mark.column))
    }

    private static func advice(_ problem: String) -> String? {
        switch problem {
        case "found character that cannot start any token": "indent with spaces, and quote texts that begin with @ or `"
        case "mapping values are not allowed in this context": "quote texts that hold ': '"
        case "found undefined alias": "quote texts that begin with '*'"
        case "did not find expected key", "did not find expected '-' indicator": "check the indentation"
        default: nil
        }
    }
}

extension TextStyle {
    init?(_ style: Node.Scalar.Style) {
        switch style {
        case .plain, .any: self = .plain
        case .singleQuoted: self = .singleQuoted
        case .doubleQuoted: self = .doubleQuoted
        case .literal: self = .literal
        case .folded: self = .folded
        }
    }
}
