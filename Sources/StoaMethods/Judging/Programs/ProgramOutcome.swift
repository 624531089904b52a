internal import OrderedCollections
internal import StoaCore

/// A tool that runs code, as those who judge have it called.
struct CheckingTool: Sendable, Hashable {
    /// The tool where none is named.
    static let usual = "python"

    var name: String
    /// What it calls the code.
    var argument: String

    /// A tool among those of a playbook.
    init(_ name: String?, among tools: [ToolDefinition]) {
        self.name = name ?? Self.usual
        argument = ToolLoopOptions.argument(of: self.name, among: tools)
    }

    /// A call that runs a piece of code.
    func call(_ code: String, id: String) -> ToolCall {
        ToolCall(id: id, name: name, arguments: .object([argument: .string(code)]))
    }
}

/// What a program that computes an answer came to.
enum ProgramOutcome: Sendable, Hashable {
    /// What it gave: to `final_answer`, printed last, or as its last value.
    case value(String)
    /// Why it gave nothing.
    case failed(String)

    /// Reads what came of running it.
    init(_ result: ToolResult) {
        let code = CodeResult(of: result)
        guard code.isOK else {
            let exception = code.exception.map { "\($0.type): \($0.message)" }
            let words = exception ?? (code.stderr.isEmpty ? code.status : code.stderr)
            self = .failed("the program failed: \(words.prefix(200))")
            return
        }
        let printed = code.stdout.split(whereSeparator: \.isNewline).last { line in
            line.contains { !$0.isWhitespace }
        }
        guard let value = code.answer ?? printed.map(String.init) ?? code.value.map(Self.plain), value != "None" else {
            self = .failed("the program printed nothing")
            return
        }
        self = .value(value)
    }

    /// What Python would print of a value that it writes as code: texts without their quotes, fractions as such.
    private static func plain(_ written: String) -> String {
        for quote in ["'", "\""] where written.count >= 2 && written.hasPrefix(quote) && written.hasSuffix(quote) {
            return String(written.dropFirst().dropLast())
        }
        guard written.hasPrefix("Fraction("), written.hasSuffix(")") else { return written }
        return written.dropFirst(9).dropLast().split(separator: ",").map { $0.filter { $0 != " " } }
            .joined(separator: "/")
    }
}
