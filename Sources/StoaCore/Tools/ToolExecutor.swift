/// Something that carries out tool calls.
///
/// Any number of callers may use it at a time; calls of one session come one behind the other.
public protocol ToolExecutor: Sendable {
    /// The tools it has, in the order of their names.
    var tools: [ToolDefinition] { get }

    /// Carries out a call.
    ///
    /// - Parameters:
    ///   - call: the call; its name is one of `tools`.
    ///   - context: whose state it works on.
    /// - Returns: what came of it; wrong arguments and failures are results.
    /// - Throws: `CancellationError`; a `StoaError` only where the executor itself is broken, or where what the tool needs
    ///   cannot be had (`.noSandbox`): never a reason to think that the call failed.
    func execute(_ call: ToolCall, in context: ToolContext) async throws -> ToolResult

    /// Lets go of a session; nothing for one that it does not have.
    ///
    /// - Parameter session: the session.
    func end(_ session: ToolSession) async
}

extension ToolExecutor {
    /// Nothing: for tools without a state.
    public func end(_ session: ToolSession) async {}

    /// Carries out a call that has a state of its own.
    ///
    /// - Parameter call: the call.
    /// - Returns: what came of it.
    /// - Throws: as `execute(_:in:)`.
    public func execute(_ call: ToolCall) async throws -> ToolResult { try await execute(call, in: ToolContext()) }
}
