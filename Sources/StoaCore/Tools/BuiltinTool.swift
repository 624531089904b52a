/// A tool that is part of the program: one file each, and an entry in the program's list of them.
public protocol BuiltinTool: Sendable {
    /// What it is, as models and playbooks are told.
    var definition: ToolDefinition { get }

    /// Carries out a call.
    ///
    /// - Parameter arguments: what the caller gave, not yet checked.
    /// - Returns: what came of it; wrong arguments are a failure that says what was expected.
    func call(_ arguments: JSONValue) -> ToolResult
}

/// Carries out calls of tools that need no sandbox, because they run no code of anybody's.
public struct BuiltinTools: ToolExecutor {
    private let entries: [any BuiltinTool]

    /// Offers tools.
    ///
    /// - Parameter tools: which ones.
    public init(_ tools: [any BuiltinTool]) {
        entries = tools.sorted { $0.definition.name < $1.definition.name }
    }

    /// The tools it has, in the order of their names.
    public var tools: [ToolDefinition] { entries.map(\.definition) }

    /// Carries out a call.
    ///
    /// - Parameters:
    ///   - call: the call; an unknown name is a failure, not an error.
    ///   - context: not looked at: no tool has a state.
    /// - Returns: what came of it.
    /// - Throws: `CancellationError`.
    public func execute(_ call: ToolCall, in context: ToolContext) async throws -> ToolResult {
        try Task.checkCancellation()
        guard let tool = entries.first(where: { $0.definition.name == call.name }) else {
            let names = entries.map(\.definition.name).joined(separator: ", ")
            return ToolResult(
                status: .failed, output: "unknown tool \"\(call.name)\": expected one of the built-in tools: \(names)")
        }
        return tool.call(call.arguments)
    }
}
