internal import OrderedCollections

/// One message of a conversation as a model is given it.
public struct ChatMessage: Sendable, Hashable {
    /// Who speaks.
    public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
        /// Instructions.
        case system
        /// The side that the model answers.
        case user
        /// The model.
        case assistant
        /// What a tool returned.
        case tool
    }

    /// Who speaks.
    public var role: Role
    /// What is said.
    public var content: String
    /// The tools that an assistant's message calls.
    public var toolCalls: [ToolCall]
    /// For a tool's message: the call it answers.
    public var toolCallID: String?

    /// Creates a message.
    ///
    /// - Parameters:
    ///   - role: who speaks.
    ///   - content: what is said.
    ///   - toolCalls: the tools that an assistant's message calls.
    ///   - toolCallID: for a tool's message, the call it answers.
    public init(_ role: Role, _ content: String, toolCalls: [ToolCall] = [], toolCallID: String? = nil) {
        self.role = role
        self.content = content
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
    }

    /// The message as chat templates and OpenAI-compatible servers read it.
    public var document: JSONValue {
        var members: JSONValue.Members = ["role": .string(role.rawValue), "content": .string(content)]
        if !toolCalls.isEmpty { members["tool_calls"] = .array(toolCalls.map(\.document)) }
        if let toolCallID { members["tool_call_id"] = .string(toolCallID) }
        return .object(members)
    }

    /// Reads the document; nil for anything else.
    public init?(document: JSONValue) {
        guard let role = document["role"]?.stringValue.flatMap(Role.init(rawValue:)),
            let content = document["content"]?.stringValue
        else { return nil }
        self.init(
            role, content, toolCalls: (document["tool_calls"]?.arrayValue ?? []).compactMap(ToolCall.init(document:)),
            toolCallID: document["tool_call_id"]?.stringValue)
    }
}
