internal import OrderedCollections
internal import StoaCore

/// A message of JSON-RPC 2.0, as it comes from a server.
enum MCPMessage: Sendable, Hashable {
    /// The answer to a request of ours.
    case answer(id: Int, result: JSONValue)
    /// Its refusal.
    case refusal(id: Int, message: String)
    /// A request of the server's own.
    case request(id: JSONValue, method: String)
    /// Something that it says and wants no answer to.
    case notification(method: String)

    /// The versions of the protocol that are spoken here, the one that is offered first.
    static let versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]

    /// Reads one; nil for anything of another form.
    init?(_ document: JSONValue) {
        guard document["jsonrpc"] == "2.0" else { return nil }
        let id = document["id"]
        if let method = document["method"]?.stringValue {
            switch id {
            case nil, .null?: self = .notification(method: method)
            case let id?: self = .request(id: id, method: method)
            }
            return
        }
        guard let number = id?.intValue else { return nil }
        if let error = document["error"] {
            self = .refusal(id: number, message: error["message"]?.stringValue ?? "it gives no reason")
        } else if let result = document["result"] {
            self = .answer(id: number, result: result)
        } else {
            return nil
        }
    }

    /// Reads a line: one message, or several in an array.
    ///
    /// - Parameter line: the line, without its end.
    /// - Returns: the messages; empty for a line that is none, which some servers print all the same.
    static func list(_ line: [UInt8]) -> [MCPMessage] {
        guard let document = try? JSONParser.parse(line) else { return [] }
        return (document.arrayValue ?? [document]).compactMap { MCPMessage($0) }
    }

    // MARK: Ours

    static func request(_ id: Int, _ method: String, _ parameters: JSONValue) -> [UInt8] {
        line(["jsonrpc": "2.0", "id": .integer(Int64(id)), "method": .string(method), "params": parameters])
    }

    static func notification(_ method: String, _ parameters: JSONValue? = nil) -> [UInt8] {
        var members: JSONValue.Members = ["jsonrpc": "2.0", "method": .string(method)]
        if let parameters { members["params"] = parameters }
        return line(.object(members))
    }

    /// What is answered to a request of a server's: nothing is offered to it but a sign of life.
    static func answer(toRequest id: JSONValue, _ method: String) -> [UInt8] {
        var members: JSONValue.Members = ["jsonrpc": "2.0", "id": id]
        if method == "ping" {
            members["result"] = .emptyObject
        } else {
            members["error"] = ["code": -32601, "message": .string("there is no method \(method)")]
        }
        return line(.object(members))
    }

    private static func line(_ document: JSONValue) -> [UInt8] { Array(document.text.utf8) + [0x0A] }
}
