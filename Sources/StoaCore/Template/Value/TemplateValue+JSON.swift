internal import OrderedCollections

extension TemplateValue {
    /// Creates a value from JSON.
    ///
    /// - Parameters:
    ///   - json: the document.
    ///   - isTrusted: whether control tokens may be read in its strings; false for anything a user wrote.
    public init(_ json: JSONValue, isTrusted: Bool = false) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(Int(value))
        case .number(let value): self = .float(value)
        case .string(let value): self = .string(TemplateString(value, isTrusted: isTrusted))
        case .array(let elements): self = .list(elements.map { TemplateValue($0, isTrusted: isTrusted) })
        case .object(let members):
            var result = TemplateDictionary()
            for (key, value) in members {
                result[.string(TemplateString(key, isTrusted: isTrusted))] = TemplateValue(value, isTrusted: isTrusted)
            }
            self = .dictionary(result)
        }
    }

    /// The value as JSON, or nil where it holds something JSON cannot say: undefined, a macro, a key that is no string.
    public var json: JSONValue? {
        switch self {
        case .undefined, .object: return nil
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(Int64(value))
        case .float(let value): return .number(value)
        case .string(let value): return .string(value.text)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence.elements {
                guard let element = element.json else { return nil }
                elements.append(element)
            }
            return .array(elements)
        case .dictionary(let dictionary):
            var members: OrderedDictionary<String, JSONValue> = [:]
            for (key, value) in dictionary.members {
                guard case .string(let key) = key, let value = value.json else { return nil }
                members[key.text] = value
            }
            return .object(members)
        }
    }
}

extension TemplateValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByNilLiteral
{
    /// Creates a trusted string.
    public init(stringLiteral value: String) { self = .trusted(value) }
    /// Creates an integer.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// Creates a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Creates a number.
    public init(floatLiteral value: Double) { self = .float(value) }
    /// Creates a list.
    public init(arrayLiteral elements: TemplateValue...) { self = .list(elements) }
    /// Creates none.
    public init(nilLiteral: ()) { self = .null }
}
