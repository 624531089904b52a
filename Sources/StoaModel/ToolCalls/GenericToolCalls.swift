internal import StoaCore

/// Calls of models whose template says nothing of how they are written, or says it in a way that is not known here.
///
/// Calls within the marks of Hermes count, which many models have learnt; and a reply that is nothing but an object, or an
/// array of objects, each with the name of a tool that was offered, in a block of code or not.
enum GenericToolCalls: ToolCallFormat {
    static let marks = HermesToolCalls.marks
    static let firsts: Set<Character> = ["{", "[", "`"]

    static func fits(_ template: String) -> Bool { true }

    static func read(_ words: String, offered: Set<String>) -> ToolCallReading? {
        if let reading = HermesToolCalls.read(words, offered: offered) { return reading }
        var scanner = CallScanner(words)
        scanner.skipBlanks()
        let isFenced = scanner.skip("```")
        if isFenced {
            _ = scanner.skip("json")
            scanner.skipBlanks()
        }
        guard let value = scanner.json(), let calls = ToolCall.written(value, from: 0),
            calls.allSatisfy({ offered.contains($0.name) })
        else { return nil }
        scanner.skipBlanks()
        if isFenced {
            _ = scanner.skip("```")
            scanner.skipBlanks()
        }
        return scanner.isAtEnd ? ToolCallReading(calls: calls, rest: "") : nil
    }
}
