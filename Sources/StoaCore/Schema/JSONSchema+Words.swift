internal import OrderedCollections

extension JSONValue {
    /// What a value is, in a few words.
    var words: String {
        switch self {
        case .null, .bool, .integer, .number: return text
        case .string(let value): return Self.short(JSONValue.string(value).text)
        case .array(let elements): return elements.isEmpty ? "an empty list" : "a list of \(elements.count)"
        case .object(let members):
            guard !members.isEmpty else { return "an empty object" }
            return "an object with " + Self.short(members.keys.prefix(8).joined(separator: ", "))
        }
    }

    fileprivate static func short(_ text: String) -> String {
        text.unicodeScalars.count > 60
            ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(57))) + "..." : text
    }
}

extension JSONSchema.ValueType {
    /// The type in words.
    var words: String {
        switch self {
        case .object: "an object"
        case .array: "a list"
        case .string: "a text"
        case .number: "a number"
        case .integer: "a whole number"
        case .boolean: "true or false"
        case .null: "null"
        }
    }
}

extension JSONSchema.Node {
    /// What is expected, as far as a few words can say it.
    var words: String {
        switch self {
        case .anything: return "anything"
        case .nothing: return "nothing"
        case .rules(let rules):
            if let constant = rules.constant { return constant.words }
            if let choices = rules.choices { return JSONSchema.words(choices) }
            if let types = rules.types { return JSONSchema.words(types) }
            if let name = rules.reference { return "a value like \(name)" }
            if let choices = rules.anyOf ?? rules.oneOf, choices.count <= 4 {
                return choices.map(\.words).joined(separator: " or ")
            }
            return "another value"
        }
    }
}

extension JSONSchema {
    static func words(_ types: OrderedSet<ValueType>) -> String { types.map(\.words).joined(separator: " or ") }

    static func words(_ choices: [JSONValue]) -> String {
        guard choices.count > 1 else { return choices.first?.words ?? "nothing" }
        return "one of " + JSONValue.short(choices.prefix(12).map(\.words).joined(separator: ", "))
    }
}
