/// A place in a playbook's document, such as `steps[2].say`.
public struct PlanPath: Sendable, Hashable, CustomStringConvertible {
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
    public subscript(key: String) -> PlanPath { PlanPath(components + [.key(key)]) }
    /// The path of an element.
    public subscript(index: Int) -> PlanPath { PlanPath(components + [.index(index)]) }

    /// The path of what this is a part of; nil for the whole document.
    public var parent: PlanPath? { components.isEmpty ? nil : PlanPath(Array(components.dropLast())) }

    /// The path as it is written: `steps[2].say`; `document` for the whole.
    public var description: String {
        guard !components.isEmpty else { return "document" }
        var text = ""
        for component in components {
            switch component {
            case .key(let key):
                let isPlain = !key.isEmpty && key.unicodeScalars.allSatisfy { PlanName.isPart($0) }
                text += isPlain ? (text.isEmpty ? key : ".\(key)") : "[\(JSONText.quoted(key))]"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }
}
