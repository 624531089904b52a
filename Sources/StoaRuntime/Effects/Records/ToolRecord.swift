internal import OrderedCollections
internal import StoaCore

/// How a tool call stands in the journal.
enum ToolRecord {
    static func intent(_ call: ToolCall, session: String?) -> Content {
        var content = Content()
        content.set("effect", "tool")
        content.set("tool", .string(call.name))
        content.set("arguments", keepingLarge: call.arguments)
        content.set("session", session.map { .string($0) })
        return content
    }

    static func result(_ result: ToolResult) -> Content {
        var content = Content()
        content.set("effect", "tool")
        content.set("result", keepingLarge: result.document)
        return content
    }

    static func read(_ payload: JSONValue, in place: String, _ reader: ContentReader) async throws -> ToolResult {
        let document = try await reader.whole(payload["result"] ?? .null, in: place)
        guard let result = ToolResult(document: document) else {
            throw JournalError.damaged("expected a tool's result, found \(payload.canonicalText)")
        }
        return result
    }
}

/// A tool's result and how long it took.
struct TimedResult: Sendable {
    var result: ToolResult
    var duration = Duration.zero

    var details: JSONValue {
        var members: JSONValue.Members = ["seconds": .number(duration / .seconds(1))]
        if result.details != .emptyObject { members["tool"] = result.details }
        return .object(members)
    }
}

extension ModelReply {
    /// What is observed of a call.
    var details: JSONValue {
        [
            "seconds": .number(duration / .seconds(1)), "cached_tokens": .integer(Int64(usage.cachedTokens)),
        ]
    }
}

extension LatentReply {
    /// What is observed of a call.
    var details: JSONValue {
        [
            "seconds": .number(duration / .seconds(1)), "cached_tokens": .integer(Int64(usage.cachedTokens)),
        ]
    }
}
