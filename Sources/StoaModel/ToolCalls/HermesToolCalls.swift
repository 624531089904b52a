internal import StoaCore

/// Calls as Hermes, Qwen 2.5 and 3, Granite 4 and others write them, one behind the other.
///
///     <tool_call>
///     {"name": "add", "arguments": {"a": 1, "b": 2}}
///     </tool_call>
///
/// A call whose end mark is missing counts where nothing follows it; several may stand in one pair of marks, as an array.
enum HermesToolCalls: ToolCallFormat {
    static let marks = ["<tool_call>"]
    static let firsts: Set<Character> = []

    private static let end = "</tool_call>"

    /// Templates that have something else than JSON within the marks are not meant.
    static func fits(_ template: String) -> Bool {
        template.contains(marks[0]) && !others.contains { template.contains($0) }
    }

    /// What stands within the marks, or instead of them, where it is not this format.
    private static let others = ["<function=", "<arg_key>", "<invoke", "<tool_calls>"]

    static func read(_ words: String, offered: Set<String>) -> ToolCallReading? {
        var scanner = CallScanner(words)
        var calls: [ToolCall] = []
        var rest = ""
        while !scanner.isAtEnd {
            rest += scanner.take(upTo: marks[0])
            let before = scanner
            guard scanner.skip(marks[0]) else { break }
            scanner.skipBlanks()
            if let value = scanner.json(), let found = ToolCall.written(value, from: calls.count) {
                scanner.skipBlanks()
                if scanner.skip(end) || scanner.isAtEnd {
                    calls += found
                    scanner.skipBlanks()
                    continue
                }
            }
            // What makes no sense stays as it is.
            scanner = before
            _ = scanner.skip(marks[0])
            rest += marks[0]
        }
        return calls.isEmpty ? nil : ToolCallReading(calls: calls, rest: rest.trimmed)
    }
}

extension String {
    /// Without blanks and line endings at the ends.
    var trimmed: String {
        var rest = self[...].drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
