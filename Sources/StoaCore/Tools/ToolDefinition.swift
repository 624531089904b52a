/// What a tool is, as models and playbooks are told.
public struct ToolDefinition: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// What it does, for a model to read.
    public var description: String
    /// The JSON Schema of its arguments.
    public var parameters: JSONValue
    /// The JSON Schema of what it returns; nil where nothing is promised.
    public var returns: JSONValue?
    /// Whether calling it twice is as good as once, so that an interrupted call may be repeated.
    public var isIdempotent: Bool
    /// Whether calls of one run share a state, unless the caller keeps one of its own.
    public var sharesRunState: Bool

    /// Creates a definition.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - description: what it does.
    ///   - parameters: the JSON Schema of its arguments.
    ///   - returns: the JSON Schema of what it returns.
    ///   - isIdempotent: whether an interrupted call may be repeated.
    ///   - sharesRunState: whether calls of one run share a state.
    public init(
        name: String, description: String, parameters: JSONValue, returns: JSONValue? = nil, isIdempotent: Bool = false,
        sharesRunState: Bool = false
    ) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.returns = returns
        self.isIdempotent = isIdempotent
        self.sharesRunState = sharesRunState
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
