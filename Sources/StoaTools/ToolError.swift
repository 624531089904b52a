public import StoaCore

/// What keeps tools from being made or carried out at all; what a call comes to is a `ToolResult`.
public struct ToolError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        public let description: String

        /// A tool that cannot be made from what is said of it.
        public static let invalidTool = Code(description: "invalid_tool")
        /// A tool that is not there.
        public static let unknownTool = Code(description: "unknown_tool")
        /// No sandbox could be had in time.
        public static let noRoom = Code(description: "no_room")
        /// A tool box that is closed.
        public static let closed = Code(description: "closed")
    }

    /// The precise failure.
    public let code: Code
    /// The class of the failure.
    public let kind: FailureKind
    /// What failed, on what, expected and found.
    public let message: String
    /// What to do next.
    public let hint: String?

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: the precise failure.
    ///   - kind: the class of the failure.
    ///   - message: what failed, on what, expected and found.
    ///   - hint: what to do next.
    public init(code: Code, kind: FailureKind, message: String, hint: String? = nil) {
        self.code = code
        self.kind = kind
        self.message = message
        self.hint = hint
    }
}

extension ToolError {
    static func invalid(_ tool: String, _ problem: String, hint: String? = nil) -> ToolError {
        ToolError(code: .invalidTool, kind: .badInput, message: "tool \(tool): \(problem)", hint: hint)
    }

    static let closed = ToolError(code: .closed, kind: .failure, message: "the tools are closed")

    static let noRoom = ToolError(
        code: .noRoom, kind: .noSandbox, message: "no usable sandbox: none was free in time",
        hint: "let fewer agents call tools at the same time")
}
