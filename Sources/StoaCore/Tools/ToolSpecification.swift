internal import OrderedCollections

/// Everything that it takes to carry out a tool's calls: where there were files, what they said is in here.
public struct ToolSpecification: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// What runs it: the name of a kind of tools.
    public var kind: String
    /// What it does, for a model to read.
    public var summary: String
    /// The JSON Schema of its arguments.
    public var parameters: JSONValue
    /// The JSON Schema of what it returns; nil where nothing is promised.
    public var returns: JSONValue?
    /// Whether an interrupted call may be repeated.
    public var isIdempotent: Bool
    /// Whether calls of one run share a state, unless the caller keeps one of its own.
    public var sharesRunState: Bool
    /// What a call may use.
    public var limits: ToolLimits
    /// The name of the packages that its code may import; nil for none.
    public var packages: String?
    /// Its code; nil for kinds that have none.
    public var source: String?
    /// What its kind has to know besides; an object.
    public var options: JSONValue

    /// Describes a tool.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - kind: what runs it.
    ///   - summary: what it does, for a model to read.
    ///   - parameters: the JSON Schema of its arguments.
    public init(name: String, kind: String, summary: String = "", parameters: JSONValue = .emptyObject) {
        self.name = name
        self.kind = kind
        self.summary = summary
        self.parameters = parameters
        isIdempotent = false
        sharesRunState = false
        limits = ToolLimits()
        options = .emptyObject
    }

    /// What models and callers are told of it.
    public var definition: ToolDefinition {
        ToolDefinition(
            name: name, description: summary, parameters: parameters, returns: returns, isIdempotent: isIdempotent,
            sharesRunState: sharesRunState)
    }
}

/// What a call of a tool may use; nil for what its kind allows anyway.
public struct ToolLimits: Sendable, Hashable {
    /// How long it may take before it is ended.
    public var wall: Duration?
    /// The memory it may have.
    public var memoryBytes: Int?
    /// What is kept of what it prints and returns.
    public var outputBytes: Int?

    /// Sets limits.
    ///
    /// - Parameters:
    ///   - wall: how long a call may take.
    ///   - memoryBytes: the memory it may have.
    ///   - outputBytes: what is kept of what it prints and returns.
    public init(wall: Duration? = nil, memoryBytes: Int? = nil, outputBytes: Int? = nil) {
        self.wall = wall
        self.memoryBytes = memoryBytes
        self.outputBytes = outputBytes
    }
}
