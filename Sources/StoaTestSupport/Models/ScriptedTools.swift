public import StoaCore

/// Tools whose results come from a function, and that count their calls.
public final class ScriptedTools: ToolExecutor {
    /// The tools it has.
    public let tools: [ToolDefinition]
    private let script: @Sendable (ToolCall) async throws -> ToolResult
    private let counted = Guarded<[String: Int]>([:])

    /// Creates tools.
    ///
    /// - Parameters:
    ///   - tools: the tools there are.
    ///   - script: their results.
    public init(
        _ tools: [ToolDefinition] = [],
        script: @escaping @Sendable (ToolCall) async throws -> ToolResult = { _ in
            ToolResult(status: .ok, value: .null)
        }
    ) {
        self.tools = tools
        self.script = script
    }

    /// How often each call was carried out, by its id.
    public var calls: [String: Int] { counted.withLock { $0 } }

    /// Carries out a call as the script says.
    public func execute(_ call: ToolCall, in context: ToolContext) async throws -> ToolResult {
        counted.withLock { $0[call.id, default: 0] += 1 }
        return try await script(call)
    }
}
