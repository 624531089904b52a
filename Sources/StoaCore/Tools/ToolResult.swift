internal import OrderedCollections

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
    /// How a session that had been lost was rebuilt before the call; nil where none had to be.
    ///
    /// Not in the document.
    public var restoration: ToolRestoration?
    /// What was observed of the call, and may differ the next time: seconds, memory.
    ///
    /// Not in the document.
    public var details: JSONValue

    /// Creates a result.
    ///
    /// - Parameters:
    ///   - status: how the call ended.
    ///   - value: what it returned.
    ///   - output: what it printed, or why it failed.
    ///   - restoration: how a lost session was rebuilt before the call.
    ///   - details: what was observed of the call.
    public init(
        status: Status, value: JSONValue = .null, output: String = "", restoration: ToolRestoration? = nil,
        details: JSONValue = .emptyObject
    ) {
        self.status = status
        self.value = value
        self.output = output
        self.restoration = restoration
        self.details = details
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
