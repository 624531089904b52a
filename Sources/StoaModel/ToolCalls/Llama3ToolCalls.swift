internal import OrderedCollections
internal import StoaCore

/// Calls as Llama 3.1 and later write them: the whole reply is an object, or several with semicolons in between.
///
///     {"name": "add", "parameters": {"a": 1, "b": 2}}
///
/// Behind the mark `<|python_tag|>` stands such an object, a call like `search.call(query="…")`, or code for the tool that
/// runs code. An object without the mark counts only where it names a tool that was offered: an answer may be JSON, too.
enum Llama3ToolCalls: ToolCallFormat {
    static let marks = ["<|python_tag|>"]
    static let firsts: Set<Character> = ["{"]

    /// Tools that code without a name is for, the first one that was offered.
    private static let codeTools = ["python", "code_interpreter", "ipython"]

    static func fits(_ template: String) -> Bool {
        guard !template.contains("<function=") else { return false }
        return template.contains("<|python_tag|>")
            || template.contains("<|start_header_id|>") && template.contains("\"parameters\"")
    }

    static func read(_ words: String, offered: Set<String>) -> ToolCallReading? {
        var scanner = CallScanner(words)
        scanner.skipBlanks()
        let isMarked = scanner.skip(marks[0])
        let body = String(scanner.rest).trimmed
        guard let calls = objects(body) ?? (isMarked ? function(body) ?? code(body, offered) : nil),
            isMarked || calls.allSatisfy({ offered.contains($0.name) })
        else { return nil }
        return ToolCallReading(calls: calls, rest: "")
    }

    private static func objects(_ body: String) -> [ToolCall]? {
        var scanner = CallScanner(body)
        var calls: [ToolCall] = []
        while !scanner.isAtEnd {
            // The mark may be repeated.
            _ = scanner.skip(marks[0])
            guard let value = scanner.json(), let found = ToolCall.written(value, from: calls.count) else { return nil }
            calls += found
            scanner.skipBlanks(and: [";"])
        }
        return calls.isEmpty ? nil : calls
    }

    /// `search.call(query="…", limit=3)`: values are JSON.
    private static func function(_ body: String) -> [ToolCall]? {
        guard let open = body.firstRange(of: ".call("), body.hasSuffix(")") else { return nil }
        let name = body[..<open.lowerBound]
        guard isName(name) else { return nil }
        var arguments: JSONValue.Members = [:]
        var scanner = CallScanner(String(body[open.upperBound...].dropLast()))
        scanner.skipBlanks()
        while !scanner.isAtEnd {
            let key = String(scanner.take(upTo: "="))
            guard isName(key[...]), scanner.skip("="), let value = scanner.value() else { return nil }
            arguments[key] = value
            scanner.skipBlanks()
            guard scanner.skip(",") || scanner.isAtEnd else { return nil }
            scanner.skipBlanks()
        }
        return [ToolCall(id: "call_0", name: String(name), arguments: .object(arguments))]
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }

    private static func code(_ body: String, _ offered: Set<String>) -> [ToolCall]? {
        guard !body.isEmpty, let tool = codeTools.first(where: offered.contains) else { return nil }
        return [ToolCall(id: "call_0", name: tool, arguments: ["code": .string(body)])]
    }
}

extension CallScanner {
    /// The JSON value that is next: an object, an array, a text, or what stands before the next comma.
    fileprivate mutating func value() -> JSONValue? {
        if let value = json() { return value }
        guard rest.first == "\"" else {
            let word = take(upTo: ",")
            return try? JSONParser.parse(String(word).trimmed)
        }
        var isEscaped = false
        for index in rest.indices.dropFirst() {
            switch rest[index] {
            case _ where isEscaped: isEscaped = false
            case "\\": isEscaped = true
            case "\"":
                let text = String(rest[...index])
                guard let value = try? JSONParser.parse(text) else { return nil }
                _ = skip(text)
                return value
            default: break
            }
        }
        return nil
    }
}
