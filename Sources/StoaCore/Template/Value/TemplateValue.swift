public import OrderedCollections

/// A value that templates and expressions compute with; its operations follow Python's.
public enum TemplateValue: Sendable {
    /// Nothing: a name, attribute or item that does not exist.
    case undefined(TemplateUndefined)
    /// `None`.
    case null
    /// `True` or `False`.
    case bool(Bool)
    /// An integer; 64 bits, overflow is an error.
    case integer(Int)
    /// A floating-point number.
    case float(Double)
    /// Text with provenance.
    case string(TemplateString)
    /// A list, tuple, range or the like.
    case sequence(TemplateSequence)
    /// A dictionary in insertion order.
    case dictionary(TemplateDictionary)
    /// Something that lives only while a template is rendered: a macro, a namespace, a loop, a method.
    case object(TemplateObject)

    /// Creates a list.
    public static func list(_ elements: [TemplateValue]) -> TemplateValue {
        .sequence(TemplateSequence(.list, elements))
    }

    /// Creates a string that is trusted: control tokens in it are meant.
    public static func trusted(_ text: String) -> TemplateValue { .string(TemplateString(text, isTrusted: true)) }

    /// Creates a dictionary with string keys.
    ///
    /// - Parameter members: the members in order.
    /// - Returns: the dictionary.
    public static func dictionary(_ members: OrderedDictionary<String, TemplateValue>) -> TemplateValue {
        var result = TemplateDictionary()
        for (key, value) in members { result[.string(TemplateString(key))] = value }
        return .dictionary(result)
    }

    /// The nesting of lists and dictionaries in this value; 0 for scalars.
    package var depth: Int {
        switch self {
        case .sequence(let sequence): sequence.depth
        case .dictionary(let dictionary): dictionary.depth
        default: 0
        }
    }

    /// The string, or nil where this is not one.
    public var stringValue: String? {
        guard case .string(let value) = self else { return nil }
        return value.text
    }

    /// Whether this is undefined.
    public var isUndefined: Bool {
        if case .undefined = self { return true }
        return false
    }

    /// The name of the type as Python would say it, for messages.
    package var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .null: "NoneType"
        case .bool: "bool"
        case .integer: "int"
        case .float: "float"
        case .string: "str"
        case .sequence(let sequence): sequence.kind.typeName
        case .dictionary: "dict"
        case .object(let object): object.kind.rawValue
        }
    }
}

/// Why a value is missing.
public struct TemplateUndefined: Sendable, Hashable {
    package enum Cause: Sendable, Hashable {
        case name(String)
        case attribute(of: String, named: String)
        case element(of: String, key: String)
        case other(String)
    }

    package let cause: Cause

    package init(_ cause: Cause) { self.cause = cause }

    /// What is missing, in words.
    public var reason: String {
        switch cause {
        case .name(let name): "'\(name)' is undefined"
        case .attribute(let type, let name): "'\(type)' has no attribute '\(name)'"
        case .element(let type, let key): "\(type) has no element \(key)"
        case .other(let reason): reason
        }
    }
}

/// A reference to something in the evaluator's own store.
public struct TemplateObject: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case namespace = "Namespace"
        case macro = "Macro"
        case method = "builtin_function_or_method"
        case function
        case loop = "LoopContext"
        case cycler = "Cycler"
        case joiner = "Joiner"
    }

    package let id: Int
    package let kind: Kind
}
