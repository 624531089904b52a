internal import StoaCore

/// Puts tool calls together from the pieces in which a server streams them.
///
/// A piece belongs to the call with its index. Servers that leave the index out send whole calls: there, a piece with an
/// id begins a new call, and one without continues the last.
struct ToolCallAssembly: Sendable {
    /// More calls, or an index beyond them.
    struct TooMany: Error {}

    /// The most calls of one reply.
    static let most = 128

    private struct Piece: Sendable {
        var id = ""
        var name = ""
        var arguments = ""
    }

    private var pieces: [Int: Piece] = [:]
    private var last: Int?

    /// Takes the `tool_calls` of one delta, or of a whole message.
    ///
    /// - Parameter deltas: the array's elements.
    /// - Throws: `TooMany`.
    mutating func accept(_ deltas: [JSONValue]) throws(TooMany) {
        for delta in deltas {
            let id = delta["id"]?.stringValue ?? ""
            let next = (pieces.keys.max() ?? -1) + 1
            let index = delta["index"]?.intValue ?? (id.isEmpty ? last ?? next : next)
            guard (0..<Self.most).contains(index) else { throw TooMany() }
            last = index
            let function = delta["function"]
            var piece = pieces[index] ?? Piece()
            if !id.isEmpty { piece.id = id }
            piece.name += function?["name"]?.stringValue ?? ""
            switch function?["arguments"] {
            case .string(let text)?: piece.arguments += text
            // Some servers send the object itself.
            case .object(let members)?: piece.arguments += JSONValue.object(members).text
            default: break
            }
            pieces[index] = piece
        }
    }

    /// The calls, in the order of their indices.
    ///
    /// Arguments that are no JSON are kept as a string, which no tool's schema accepts: the model is told of its mistake
    /// as of any other wrong argument. A call without an id is named after its place.
    var calls: [ToolCall] {
        pieces.sorted { $0.key < $1.key }.map { index, piece in
            let text = piece.arguments.isEmpty ? "{}" : piece.arguments
            let arguments = (try? JSONParser.parse(text)) ?? .string(piece.arguments)
            return ToolCall(id: piece.id.isEmpty ? "call_\(index)" : piece.id, name: piece.name, arguments: arguments)
        }
    }
}
