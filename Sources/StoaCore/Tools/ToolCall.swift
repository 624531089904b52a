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

/// What came of a tool call.
///
/// A call that failed is a result, not an error.
public struct ToolResult: Sendable, Hashable {
    /// How a call ended.
    public enum Status: String, Sendable, Hashable, Codable {
        /// It returned a value.
        case ok
        /// It was carried out and failed: the output says why.
        case failed
        /// It took too long or too much.
        case limit
        /// It was not allowed.
        case denied
        /// The process died while it ran; it may or may not have had its effect.
        case interrupted
    }

    /// How the call ended.
    public var status: Status
    /// What it returned; null where it returned nothing.
    public var value: JSONValue
    /// What it printed, or why it failed.
    public var output: String

    /// Creates a result.
    ///
    /// - Parameters:
    ///   - status: how the call ended.
    ///   - value: what it returned.
    ///   - output: what it printed, or why it failed.
    public init(status: Status, value: JSONValue = .null, output: String = "") {
        self.status = status
        self.value = value
        self.output = output
    }

    /// `{status, value, output}`.
    public var document: JSONValue {
        ["status": .string(status.rawValue), "value": value, "output": .string(output)]
    }

    /// Reads the document; nil for anything else.
    public init?(document: JSONValue) {
        guard let status = document["status"]?.stringValue.flatMap(Status.init(rawValue:)),
            let output = document["output"]?.stringValue
        else { return nil }
        self.init(status: status, value: document["value"] ?? .null, output: output)
    }
}
