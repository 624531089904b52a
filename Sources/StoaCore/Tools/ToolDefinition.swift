/// What a tool is, as models and playbooks are told.
public struct ToolDefinition: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// What it does, for a model to read.
    public var description: String
    /// The JSON Schema of its arguments.
    public var parameters: JSONValue
    /// Whether calling it twice is as good as once, so that an interrupted call may be repeated.
    public var isIdempotent: Bool

    /// Creates a definition.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - description: what it does.
    ///   - parameters: the JSON Schema of its arguments.
    ///   - isIdempotent: whether an interrupted call may be repeated.
    public init(name: String, description: String, parameters: JSONValue, isIdempotent: Bool = false) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.isIdempotent = isIdempotent
    }

    /// The definition as chat templates and OpenAI-compatible servers read it.
    public var document: JSONValue {
        [
            "type": "function",
            "function": [
                "name": .string(name), "description": .string(description), "parameters": parameters,
            ],
        ]
    }
}

/// Something that carries out tool calls.
public protocol ToolExecutor: Sendable {
    /// The tools it has, in the order of their names.
    var tools: [ToolDefinition] { get }

    /// Carries out a call.
    ///
    /// - Parameter call: the call; its name is one of `tools`.
    /// - Returns: what came of it; wrong arguments and failures are results.
    /// - Throws: `CancellationError`; a `StoaError` only where the executor itself is broken.
    func execute(_ call: ToolCall) async throws -> ToolResult
}
