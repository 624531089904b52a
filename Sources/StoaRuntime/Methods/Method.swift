public import OrderedCollections
public import StoaCore

/// A named strategy that an agent follows in one step: how it asks its model, judges what comes, and asks again.
///
/// What a method can be told is in `fields`; the values arrive evaluated. What it does is a `MethodLogic`: the runtime
/// never sees how it decides, and it never sees a journal, so runs with it resume, replay and fork as any other.
public protocol Method: Sendable {
    /// The name by which playbooks ask for it.
    static var name: String { get }

    /// What it does, in a sentence.
    static var summary: String { get }

    /// The keys of its options. Kinds that give one value are possible: `text`, `string`, `verifier`, `tool`, `count`,
    /// `amount`, `word` and `flag`. Texts are rendered by the agent that follows the method, the others by the conductor.
    static var fields: [PlanField] { get }

    /// What is wrong with options that are each right by themselves.
    ///
    /// - Parameter options: what is known before the run: the keys that are given, null for a value that is computed.
    /// - Returns: problems, each at one of the keys; none by default.
    static func problems(_ options: JSONValue.Members) -> [MethodProblem]

    /// The tools that the playbook must have for it.
    ///
    /// - Parameter options: as in `problems`.
    /// - Returns: their names; none by default.
    static func tools(_ options: JSONValue.Members) -> [String]

    /// Begins.
    ///
    /// - Parameter input: what the method is given.
    /// - Returns: the decisions of one step.
    /// - Throws: a `StoaError` for options that make no sense together.
    static func makeLogic(_ input: MethodInput) throws -> any MethodLogic
}

extension Method {
    /// None.
    public static func problems(_ options: JSONValue.Members) -> [MethodProblem] { [] }

    /// None.
    public static func tools(_ options: JSONValue.Members) -> [String] { [] }
}

/// Something that is wrong with a method's options.
public struct MethodProblem: Sendable, Hashable {
    /// The option; nil for the options as a whole.
    public var key: String?
    /// What is wrong.
    public var message: String
    /// What to do about it.
    public var suggestion: String?

    /// Describes a problem.
    ///
    /// - Parameters:
    ///   - message: what is wrong.
    ///   - key: the option; nil for the options as a whole.
    ///   - suggestion: what to do about it.
    public init(_ message: String, at key: String? = nil, suggestion: String? = nil) {
        self.key = key
        self.message = message
        self.suggestion = suggestion
    }
}

/// What a method is given when it begins.
public struct MethodInput: Sendable {
    /// The agent's conversation with the step's prompt, as `say` would ask it.
    public var request: ModelRequest
    /// The prompt alone.
    public var prompt: String
    /// The options that are given, evaluated.
    public var options: JSONValue.Members
    /// The playbook's tools, in its order.
    public var tools: [ToolDefinition]

    /// Creates an input.
    ///
    /// - Parameters:
    ///   - request: the agent's conversation with the step's prompt.
    ///   - prompt: the prompt alone.
    ///   - options: the options that are given, evaluated.
    ///   - tools: the playbook's tools.
    public init(
        request: ModelRequest, prompt: String, options: JSONValue.Members = [:], tools: [ToolDefinition] = []
    ) {
        self.request = request
        self.prompt = prompt
        self.options = options
        self.tools = tools
    }
}

/// The methods that a program offers to playbooks.
public struct MethodRegistry: Sendable {
    /// The methods, in the order in which help lists them.
    public let all: [any Method.Type]

    /// Creates a registry.
    ///
    /// - Parameter all: the methods; no two of one name.
    public init(_ all: [any Method.Type] = []) { self.all = all }

    /// Their names.
    public var names: [String] { all.map { $0.name } }

    /// The method of a name.
    public subscript(name: String) -> (any Method.Type)? { all.first { $0.name == name } }
}

extension MethodRegistry: Hashable {
    /// Whether two registries offer the same.
    public static func == (first: MethodRegistry, second: MethodRegistry) -> Bool {
        first.all.map { ObjectIdentifier($0) } == second.all.map { ObjectIdentifier($0) }
    }

    /// Hashes the names.
    public func hash(into hasher: inout Hasher) { hasher.combine(names) }
}
