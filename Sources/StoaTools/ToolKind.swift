public import StoaCore

/// A kind of tools: what files say of them, and how they are made.
///
/// Conform in a folder of the kind's own, and add a line to `ToolKinds.all`.
public protocol ToolKind: Sendable {
    /// What can be said of its tools in a file.
    static var outline: ToolKindOutline { get }

    /// Makes a tool; nothing is started before its first call.
    ///
    /// - Parameters:
    ///   - specification: what the tool is.
    ///   - resources: what the tools of a box share.
    /// - Returns: the tool.
    /// - Throws: `ToolError` where it cannot be made from what is said of it.
    static func make(_ specification: ToolSpecification, with resources: ToolResources) throws -> any Tool
}

/// A tool that can be called; what is said of it and of its values is checked by the box that it is in.
public protocol Tool: Sendable {
    /// Carries out a call.
    ///
    /// - Parameters:
    ///   - arguments: an object as the tool's `parameters` have it.
    ///   - context: whose state it works on; its history is of calls of this tool that it carried out.
    /// - Returns: what came of it.
    /// - Throws: `CancellationError`; a `StoaError` where what the tool needs cannot be had.
    func call(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolResult

    /// Lets go of a session; nothing for one that it does not have.
    ///
    /// - Parameter session: the session.
    func end(_ session: ToolSession) async

    /// Lets go of everything.
    func close() async
}

extension Tool {
    /// Nothing: for tools without a state.
    public func end(_ session: ToolSession) async {}

    /// Nothing: for tools that hold nothing, or only what the box closes.
    public func close() async {}
}
