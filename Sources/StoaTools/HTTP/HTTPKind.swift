internal import OrderedCollections
public import StoaCore

/// `http`: tools that are requests to a server.
///
///     kind: http
///     options:
///       method: GET
///       url: https://api.example.com/items/{id}
///       headers: {Authorization: "Bearer env:EXAMPLE_TOKEN"}
///
/// The hosts, and the variables that may be sent to each, are those of the user's `http_hosts`.
public enum HTTPKind: ToolKind {
    /// Where requests go, and how.
    public static var outline: ToolKindOutline { ToolKindOutline(name: "http", options: schema) }

    private static let schema = try? JSONSchema([
        "type": "object", "required": ["url"], "additionalProperties": false,
        "properties": [
            "url": ["type": "string"], "method": ["type": "string"],
            "headers": ["type": "object", "additionalProperties": ["type": "string"]],
        ],
    ])

    /// Makes a tool; nothing is looked up before the first call.
    public static func make(_ specification: ToolSpecification, with resources: ToolResources) throws -> any Tool {
        let description = try HTTPDescription(specification)
        guard let access = resources.http else { return Refused(host: description.template.origin.authority) }
        return HTTPClientTool(description: description, access: access)
    }

    /// A tool on a machine whose user lets no tool reach a network.
    private struct Refused: Tool {
        let host: String

        func call(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolResult {
            ToolResult(status: .denied, output: "the host \(host) is not among the user's http_hosts")
        }
    }
}
