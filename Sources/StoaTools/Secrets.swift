internal import OrderedCollections
internal import StoaCore

/// Values that are read when they are needed and are told to nobody afterwards.
struct Secrets: Sendable {
    private var values: [String] = []

    /// Creates an empty collection.
    init() {}

    /// Remembers a value; one that is too short to be told from ordinary text is not looked for.
    mutating func insert(_ value: String) {
        guard value.utf8.count >= Self.shortest, !values.contains(value) else { return }
        values.append(value)
        // What holds another goes first, so that nothing of it is left.
        values.sort { $0.utf8.count > $1.utf8.count }
    }

    private static let shortest = 4

    /// The text without the values: a server may repeat what it was sent.
    func removed(from text: String) -> String {
        values.reduce(text) { $0.contains($1) ? $0.replacing($1, with: "[secret]") : $0 }
    }

    /// The document without the values, in names and in texts, however it was written.
    func removed(from document: JSONValue) -> JSONValue {
        guard !values.isEmpty else { return document }
        switch document {
        case .string(let text): return .string(removed(from: text))
        case .array(let elements): return .array(elements.map { removed(from: $0) })
        case .object(let members):
            var result: JSONValue.Members = [:]
            for (name, value) in members { result[removed(from: name)] = removed(from: value) }
            return .object(result)
        default: return document
        }
    }
}
