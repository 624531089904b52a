internal import OrderedCollections
package import StoaCore

/// A change of a document, as in `agents.critic.temperature=0.2`.
///
/// A path's parts are the names of members and, for lists, numbers from 0 or the `id` of an element, as steps have one.
package struct DocumentEdit: Sendable, Hashable {
    private let path: [String]
    private let value: JSONValue
    private let source: String

    /// Reads a change.
    ///
    /// - Parameter text: `path=value`; the value is JSON where it can be read as JSON, else a text.
    /// - Throws: `CLIError` of kind usage.
    package init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !path.contains("") else {
            throw CLIError.invalidSetting("--set", value: text, expected: "path=value, as in agents.x.temperature=0.2")
        }
        self.path = path
        value = (try? JSONParser.parse(String(parts[1]))) ?? .string(String(parts[1]))
        source = text
    }

    /// The document with the change.
    ///
    /// - Parameter document: the document.
    /// - Returns: the changed document; the last part of the path need not exist in it.
    /// - Throws: `CLIError` of kind usage where an earlier part does not exist.
    package func applied(to document: JSONValue) throws -> JSONValue { try change(document, path[...]) }

    private func change(_ document: JSONValue, _ rest: ArraySlice<String>) throws -> JSONValue {
        guard let part = rest.first else { return value }
        switch document {
        case .object(var members):
            if rest.count > 1, members[part] == nil { throw missing(part, of: Array(members.keys)) }
            members[part] = try change(members[part] ?? .null, rest.dropFirst())
            return .object(members)
        case .array(var elements):
            let named = elements.firstIndex { $0["id"]?.stringValue == part }
            guard let index = named ?? Int(part), elements.indices.contains(index) else {
                throw missing(part, of: elements.compactMap { $0["id"]?.stringValue })
            }
            elements[index] = try change(elements[index], rest.dropFirst())
            return .array(elements)
        default: throw missing(part, of: [])
        }
    }

    private func missing(_ part: String, of names: [String]) -> CLIError {
        let there = names.isEmpty ? "nothing in it has a name" : "there is \(names.joined(separator: ", "))"
        return CLIError(
            code: .invalidSetting, kind: .usage, message: "--set \(source): the playbook has no \"\(part)\" there",
            hint: there)
    }
}
