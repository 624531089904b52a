package import OrderedCollections

/// A list, a tuple, or another ordered collection.
public struct TemplateSequence: Sendable {
    /// The bounds of a range, for its text.
    package final class Bounds: Sendable {
        let start: Int
        let stop: Int
        let step: Int

        init(start: Int, stop: Int, step: Int) {
            self.start = start
            self.stop = stop
            self.step = step
        }
    }

    package enum Kind: Sendable {
        case list
        case tuple
        /// A tuple of `groupby`, whose parts have names.
        case group
        case range(Bounds)
        case keys
        case values
        case items
        /// What a filter such as `map` yields: it can be walked, but has no length and no items.
        case iterator

        var typeName: String {
            switch self {
            case .list: "list"
            case .tuple, .group: "tuple"
            case .range: "range"
            case .keys: "dict_keys"
            case .values: "dict_values"
            case .items: "dict_items"
            case .iterator: "generator"
            }
        }

        var isTuple: Bool {
            switch self {
            case .tuple, .group: true
            default: false
            }
        }

        var isList: Bool {
            if case .list = self { return true }
            return false
        }

        var isIterator: Bool {
            if case .iterator = self { return true }
            return false
        }

        /// Whether items can be taken by number.
        var isIndexed: Bool {
            switch self {
            case .list, .tuple, .group, .range: true
            default: false
            }
        }
    }

    package let kind: Kind
    /// The elements in order.
    public let elements: [TemplateValue]
    package let depth: Int

    package init(_ kind: Kind, _ elements: [TemplateValue]) {
        self.kind = kind
        self.elements = elements
        var depth = 0
        for element in elements { depth = max(depth, element.depth) }
        self.depth = depth + 1
    }
}

/// A dictionary in insertion order.
public struct TemplateDictionary: Sendable {
    package private(set) var members: OrderedDictionary<TemplateKey, TemplateValue> = [:]
    package private(set) var depth = 1

    package init() {}

    package var count: Int { members.count }

    /// The value of a key.
    package subscript(key: TemplateKey) -> TemplateValue? {
        get { members[key] }
        set {
            members[key] = newValue
            if let newValue { depth = max(depth, newValue.depth + 1) }
        }
    }
}

/// A key of a dictionary: any value that Python can hash.
///
/// `1`, `1.0` and `True` are one key.
package enum TemplateKey: Sendable {
    case null
    case undefined
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(TemplateString)
    case tuple([TemplateKey])

    /// The key as a value again.
    package var value: TemplateValue {
        switch self {
        case .null: .null
        case .undefined: .undefined(TemplateUndefined(.other("undefined")))
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .float(let value): .float(value)
        case .string(let value): .string(value)
        case .tuple(let keys): .sequence(TemplateSequence(.tuple, keys.map(\.value)))
        }
    }

    private enum Canonical: Hashable {
        case null
        case undefined
        case integer(Int)
        case float(Double)
        case string([UInt8])
        case tuple([TemplateKey])
    }

    private var canonical: Canonical {
        switch self {
        case .null: .null
        case .undefined: .undefined
        case .bool(let value): .integer(value ? 1 : 0)
        case .integer(let value): .integer(value)
        case .float(let value): Int(exactly: value).map(Canonical.integer) ?? .float(value)
        case .string(let value): .string(value.utf8)
        case .tuple(let keys): .tuple(keys)
        }
    }
}

extension TemplateKey: Hashable {
    package static func == (left: TemplateKey, right: TemplateKey) -> Bool { left.canonical == right.canonical }
    package func hash(into hasher: inout Hasher) { hasher.combine(canonical) }
}
