internal import StoaCore

/// How a family of models writes calls of tools.
///
/// One family per file; `ToolCallFormats` lists them.
protocol ToolCallFormat: SendableMetatype {
    /// Whether a chat template has its model write calls like that.
    ///
    /// - Parameter template: the template's text.
    /// - Returns: whether the format is the template's.
    static func fits(_ template: String) -> Bool

    /// Texts, or names of control tokens, that begin a call wherever they stand.
    static var marks: [String] { get }

    /// Characters that begin a call where the reply begins with them.
    static var firsts: Set<Character> { get }

    /// Reads calls.
    ///
    /// - Parameters:
    ///   - words: what the model wrote from the beginning of the first call on, names of marks included.
    ///   - offered: the names of the tools that it may call.
    /// - Returns: the calls, at least one, and words that are not part of them; nil where there is no call that makes sense.
    static func read(_ words: String, offered: Set<String>) -> ToolCallReading?
}

/// What a model wrote, told apart.
struct ToolCallReading: Equatable {
    /// The calls, in order, each with the name `call_` and its place.
    var calls: [ToolCall]
    /// Words that are not part of them, without blanks at the ends.
    var rest: String
}

/// The formats that are known.
enum ToolCallFormats {
    /// The first one that fits a template is used; the last one fits all.
    static let all: [any ToolCallFormat.Type] = [HermesToolCalls.self, Llama3ToolCalls.self, GenericToolCalls.self]

    /// The format that a template has its model write calls in.
    ///
    /// - Parameter template: the template's text; empty for a model without one.
    /// - Returns: the format.
    static func format(for template: String) -> any ToolCallFormat.Type {
        all.first { $0.fits(template) } ?? GenericToolCalls.self
    }
}

// MARK: - JSON within words

/// Reads words from the front.
struct CallScanner {
    private(set) var rest: Substring

    init(_ words: String) { rest = words[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// Passes over blanks, line endings and whatever else is named.
    mutating func skipBlanks(and others: Set<Character> = []) {
        rest = rest.drop { $0.isWhitespace || others.contains($0) }
    }

    /// Passes over a text if it is next.
    mutating func skip(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    /// Everything up to a text, or to the end.
    mutating func take(upTo text: String) -> Substring {
        let end = rest.firstRange(of: text)?.lowerBound ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[..<end]
    }

    /// The object or array that is next, if it is one.
    mutating func json() -> JSONValue? {
        guard let first = rest.utf8.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
        var depth = 0
        var (isText, isEscaped) = (false, false)
        for (index, byte) in zip(rest.utf8.indices, rest.utf8) {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isText: isEscaped = true
            case UInt8(ascii: "\""): isText.toggle()
            case UInt8(ascii: "{") where !isText, UInt8(ascii: "[") where !isText: depth += 1
            case UInt8(ascii: "}") where !isText, UInt8(ascii: "]") where !isText:
                depth -= 1
                guard depth == 0 else { break }
                let end = rest.utf8.index(after: index)
                guard let value = try? JSONParser.parse(String(rest[..<end])) else { return nil }
                rest = rest[end...]
                return value
            default: break
            }
        }
        return nil
    }
}

extension ToolCall {
    /// A call as models write it: `{"name": …, "arguments": {…}}`, or `parameters` in place of `arguments`.
    ///
    /// Arguments may be JSON within a string. Members beside these are passed over.
    ///
    /// - Parameters:
    ///   - document: what the model wrote.
    ///   - place: its place among the reply's calls.
    init?(written document: JSONValue, at place: Int) {
        let document = document["function"]?.objectValue == nil ? document : document["function"] ?? document
        guard let name = document["name"]?.stringValue, !name.isEmpty else { return nil }
        var arguments = document["arguments"] ?? document["parameters"] ?? .emptyObject
        if let text = arguments.stringValue {
            guard let parsed = try? JSONParser.parse(text.isEmpty ? "{}" : text) else { return nil }
            arguments = parsed
        }
        guard arguments.objectValue != nil else { return nil }
        self.init(id: "call_\(place)", name: name, arguments: arguments)
    }

    /// The calls of an object, or of an array of objects; nil where one of them is none.
    ///
    /// - Parameters:
    ///   - value: what the model wrote.
    ///   - place: the place of the first one among the reply's calls.
    /// - Returns: the calls, at least one.
    static func written(_ value: JSONValue, from place: Int) -> [ToolCall]? {
        let documents = value.arrayValue ?? [value]
        let calls = documents.enumerated().compactMap { ToolCall(written: $1, at: place + $0) }
        return calls.isEmpty || calls.count != documents.count ? nil : calls
    }
}
