internal import OrderedCollections

extension JSONSchema {
    /// Reads a schema.
    ///
    /// - Parameter document: the schema: an object, `true` or `false`.
    /// - Throws: `JSONSchemaError` with every problem: unknown keys, wrong values, references to what is not there or back to
    ///   themselves.
    public init(_ document: JSONValue) throws(JSONSchemaError) {
        var reader = JSONSchemaReader(document)
        let root = reader.node(document, at: JSONPath(), depth: 0)
        var definitions: OrderedDictionary<String, Node> = [:]
        if let members = document["$defs"]?.objectValue {
            for (name, value) in members {
                definitions[name] = reader.node(value, at: JSONPath()["$defs"][name], depth: 1)
            }
        }
        if reader.problems.isEmpty { reader.checkLoops(definitions) }
        guard reader.problems.isEmpty else { throw JSONSchemaError(problems: reader.problems) }
        self.init(root: root, definitions: definitions)
    }
}

/// Reads schemas, and reports everything that is wrong with one.
private struct JSONSchemaReader {
    private(set) var problems: [JSONSchemaError.Problem] = []
    private let names: Set<String>
    private var nodes = 0

    /// Keys that say nothing about values.
    private static let annotations: Set<String> = ["title", "description", "default", "examples", "$comment"]
    private static let known = [
        "type", "properties", "required", "additionalProperties", "items", "prefixItems", "enum", "const", "minimum",
        "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems",
        "maxItems", "uniqueItems", "anyOf", "oneOf", "allOf", "not", "$ref",
    ]

    init(_ document: JSONValue) {
        names = Set(document["$defs"]?.objectValue.map { Array($0.keys) } ?? [])
    }

    private mutating func report(_ message: String, at path: JSONPath) {
        if problems.count < JSONSchemaLimits.problems {
            problems.append(JSONSchemaError.Problem(path: path, message: message))
        }
    }

    // MARK: - Schemas

    mutating func node(_ document: JSONValue, at path: JSONPath, depth: Int) -> JSONSchema.Node {
        nodes += 1
        guard nodes <= JSONSchemaLimits.nodes, depth <= JSONSchemaLimits.nesting else {
            let isDeep = depth > JSONSchemaLimits.nesting
            report(
                isDeep
                    ? "nested deeper than \(JSONSchemaLimits.nesting) schemas"
                    : "more than \(JSONSchemaLimits.nodes) schemas", at: path)
            return .nothing
        }
        switch document {
        case .bool(let isAnything): return isAnything ? .anything : .nothing
        case .object(let members): return node(members, at: path, depth: depth)
        default:
            report("expected a schema: an object, true or false, found \(document.words)", at: path)
            return .nothing
        }
    }

    private mutating func node(_ members: JSONValue.Members, at path: JSONPath, depth: Int) -> JSONSchema.Node {
        var rules = JSONSchema.Rules()
        for (key, value) in members {
            let place = path[key]
            switch key {
            case "type": rules.types = types(value, at: place)
            case "$ref": rules.reference = reference(value, at: place)
            case "enum": rules.choices = list(value, at: place)
            case "const": rules.constant = value
            case "minimum": rules.number.minimum = number(value, at: place)
            case "maximum": rules.number.maximum = number(value, at: place)
            case "exclusiveMinimum": rules.number.exclusiveMinimum = number(value, at: place)
            case "exclusiveMaximum": rules.number.exclusiveMaximum = number(value, at: place)
            case "multipleOf": rules.number.multipleOf = divisor(value, at: place)
            case "minLength": rules.string.minLength = count(value, at: place)
            case "maxLength": rules.string.maxLength = count(value, at: place)
            case "minItems": rules.array.minItems = count(value, at: place)
            case "maxItems": rules.array.maxItems = count(value, at: place)
            case "uniqueItems": rules.array.isUnique = flag(value, at: place)
            case "items": rules.array.items = node(value, at: place, depth: depth + 1)
            case "prefixItems": rules.array.prefix = schemas(value, at: place, depth: depth)
            case "properties": rules.object.properties = properties(value, at: place, depth: depth)
            case "required": rules.object.required = keys(value, at: place)
            case "additionalProperties": rules.object.additional = node(value, at: place, depth: depth + 1)
            case "anyOf": rules.anyOf = schemas(value, at: place, depth: depth)
            case "oneOf": rules.oneOf = schemas(value, at: place, depth: depth)
            case "allOf": rules.allOf = schemas(value, at: place, depth: depth)
            case "not": rules.not = node(value, at: place, depth: depth + 1)
            case "$defs", "$schema":
                if !path.components.isEmpty { report("'\(key)' belongs at the top of a schema", at: place) }
                if key == "$defs", value.objectValue == nil {
                    report("expected an object of schemas, found \(value.words)", at: place)
                }
            default:
                guard !Self.annotations.contains(key) else { continue }
                report(
                    "the key \(JSONValue.string(key).text) is not known: expected one of \(Self.known.joined(separator: ", "))",
                    at: place)
            }
        }
        return rules == JSONSchema.Rules() ? .anything : .rules(rules)
    }

    private mutating func schemas(_ value: JSONValue, at path: JSONPath, depth: Int) -> [JSONSchema.Node] {
        guard let elements = value.arrayValue, !elements.isEmpty else {
            report("expected a list of at least one schema, found \(value.words)", at: path)
            return []
        }
        return elements.enumerated().map { node($0.element, at: path[$0.offset], depth: depth + 1) }
    }

    private mutating func properties(
        _ value: JSONValue, at path: JSONPath, depth: Int
    ) -> OrderedDictionary<String, JSONSchema.Node> {
        guard let members = value.objectValue else {
            report("expected an object of schemas, found \(value.words)", at: path)
            return [:]
        }
        var properties: OrderedDictionary<String, JSONSchema.Node> = [:]
        for (name, value) in members { properties[name] = node(value, at: path[name], depth: depth + 1) }
        return properties
    }

    // MARK: - Plain values

    private mutating func types(_ value: JSONValue, at path: JSONPath) -> OrderedSet<JSONSchema.ValueType>? {
        let names = value.stringValue.map { [.string($0)] } ?? value.arrayValue ?? []
        let types = names.compactMap { $0.stringValue.flatMap(JSONSchema.ValueType.init(rawValue:)) }
        guard !names.isEmpty, types.count == names.count else {
            let known = JSONSchema.ValueType.allCases.map(\.rawValue).joined(separator: ", ")
            report("expected \(known), or a list of these, found \(value.words)", at: path)
            return nil
        }
        return OrderedSet(types)
    }

    private mutating func reference(_ value: JSONValue, at path: JSONPath) -> String? {
        let prefix = "#/$defs/"
        guard let text = value.stringValue, text.hasPrefix(prefix) else {
            report("expected \"\(prefix)NAME\", found \(value.words)", at: path)
            return nil
        }
        // The escapes of JSON Pointer; a slash would go on into the definition.
        let name = text.dropFirst(prefix.count)
        let plain = name.replacing("~1", with: "/").replacing("~0", with: "~")
        guard !name.contains("/"), names.contains(String(plain)) else {
            report("there is no \(value.words) in this schema", at: path)
            return nil
        }
        return String(plain)
    }

    private mutating func list(_ value: JSONValue, at path: JSONPath) -> [JSONValue]? {
        guard let elements = value.arrayValue, !elements.isEmpty else {
            report("expected a list of at least one value, found \(value.words)", at: path)
            return nil
        }
        return elements
    }

    private mutating func keys(_ value: JSONValue, at path: JSONPath) -> OrderedSet<String> {
        let keys = value.arrayValue?.compactMap(\.stringValue)
        guard let keys, keys.count == value.arrayValue?.count else {
            report("expected a list of names, found \(value.words)", at: path)
            return []
        }
        return OrderedSet(keys)
    }

    private mutating func number(_ value: JSONValue, at path: JSONPath) -> JSONNumber? {
        guard let number = JSONNumber(value) else {
            report("expected a number, found \(value.words)", at: path)
            return nil
        }
        return number
    }

    private mutating func divisor(_ value: JSONValue, at path: JSONPath) -> JSONNumber? {
        guard let number = JSONNumber(value), number > .integer(0) else {
            report("expected a number above 0, found \(value.words)", at: path)
            return nil
        }
        return number
    }

    private mutating func count(_ value: JSONValue, at path: JSONPath) -> Int? {
        guard let count = value.intValue, count >= 0 else {
            report("expected a whole number, 0 or more, found \(value.words)", at: path)
            return nil
        }
        return count
    }

    private mutating func flag(_ value: JSONValue, at path: JSONPath) -> Bool {
        guard let flag = value.boolValue else {
            report("expected true or false, found \(value.words)", at: path)
            return false
        }
        return flag
    }

    // MARK: - Loops

    /// Reports definitions that refer to themselves without going down into the value: no value could be checked by them.
    mutating func checkLoops(_ definitions: OrderedDictionary<String, JSONSchema.Node>) {
        var state: [String: Bool] = [:]
        func leadsBack(_ name: String) -> Bool {
            if let isDone = state[name] { return !isDone }
            state[name] = false
            var targets: Set<String> = []
            Self.collect(definitions[name] ?? .anything, into: &targets)
            let found = targets.contains { leadsBack($0) }
            state[name] = true
            return found
        }
        for name in definitions.keys where leadsBack(name) {
            report("leads to a reference without end", at: JSONPath()["$defs"][name])
        }
    }

    /// The definitions that are asked of the same value.
    private static func collect(_ node: JSONSchema.Node, into targets: inout Set<String>) {
        guard case .rules(let rules) = node else { return }
        if let name = rules.reference { targets.insert(name) }
        let others = (rules.anyOf ?? []) + (rules.oneOf ?? []) + rules.allOf + (rules.not.map { [$0] } ?? [])
        for other in others { collect(other, into: &targets) }
    }
}
