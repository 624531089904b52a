/// A place in a JSON document.
public struct JSONPath: Sendable, Hashable {
    /// One step down into the document.
    public enum Component: Sendable, Hashable {
        /// The member of an object.
        case key(String)
        /// The element of an array, from 0.
        case index(Int)
    }

    /// The way down from the root.
    public var components: [Component]

    /// Creates a path.
    ///
    /// - Parameter components: the way down from the root; empty for the whole document.
    public init(_ components: [Component] = []) { self.components = components }

    /// The path of a member.
    public subscript(key: String) -> JSONPath { JSONPath(components + [.key(key)]) }
    /// The path of an element.
    public subscript(index: Int) -> JSONPath { JSONPath(components + [.index(index)]) }

    /// The path as it is written: `arguments.rows[2].name`.
    ///
    /// - Parameter root: what the whole document is called.
    /// - Returns: the text; keys that are no plain names are in brackets and quotes.
    public func text(from root: String) -> String {
        components.reduce(into: root) { text, component in
            switch component {
            case .key(let key): text += Self.isPlain(key) ? ".\(key)" : "[\(JSONValue.string(key).text)]"
            case .index(let index): text += "[\(index)]"
            }
        }
    }

    private static func isPlain(_ key: String) -> Bool {
        !key.isEmpty
            && key.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_"
                    || $0 == "-" || $0 == "$"
            }
    }
}

extension JSONPath: CustomStringConvertible {
    /// The path from `$` on.
    public var description: String { text(from: "$") }
}
