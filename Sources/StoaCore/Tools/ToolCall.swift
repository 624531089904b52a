internal import OrderedCollections

/// A wish to have a tool run.
public struct ToolCall: Sendable, Hashable {
    /// The call's name within its message.
    public var id: String
    /// The tool.
    public var name: String
    /// Its arguments, an object.
    public var arguments: JSONValue

    /// Creates a call.
    ///
    /// - Parameters:
    ///   - id: the call's name within its message.
    ///   - name: the tool.
    ///   - arguments: its arguments, an object.
    public init(id: String, name: String, arguments: JSONValue) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }

    /// The call as chat templates and OpenAI-compatible servers write it, arguments as an object.
    public var document: JSONValue {
        ["id": .string(id), "type": "function", "function": ["name": .string(name), "arguments": arguments]]
    }

    /// Reads the document, arguments as an object or as JSON in a string; nil for anything else.
    public init?(document: JSONValue) {
        guard let function = document["function"], let name = function["name"]?.stringValue else { return nil }
        let arguments: JSONValue
        switch function["arguments"] {
        case .string(let text)?:
            guard let parsed = try? JSONParser.parse(text.isEmpty ? "{}" : text) else { return nil }
            arguments = parsed
        case let value?: arguments = value
        case nil: arguments = .emptyObject
        }
        self.init(id: document["id"]?.stringValue ?? "", name: name, arguments: arguments)
    }
}
