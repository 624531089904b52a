internal import OrderedCollections

extension JSONSchema {
    /// The schema as JSON: what reads back as an equal one.
    ///
    /// Titles, descriptions and examples are not kept: they say nothing about values.
    public var document: JSONValue {
        var document = root.document
        guard !definitions.isEmpty else { return document }
        if document.objectValue == nil { document = document == true ? .emptyObject : ["not": true] }
        var members = document.objectValue ?? [:]
        members["$defs"] = .object(definitions.mapValues(\.document))
        return .object(members)
    }
}

extension JSONSchema.Node {
    /// The schema of one value as JSON.
    fileprivate var document: JSONValue {
        switch self {
        case .anything: true
        case .nothing: false
        case .rules(let rules): rules.document
        }
    }
}

extension JSONSchema.Rules {
    fileprivate var document: JSONValue {
        var members: JSONValue.Members = [:]
        if let types {
            let names = types.map { JSONValue.string($0.rawValue) }
            members["type"] = names.count == 1 ? names[0] : .array(names)
        }
        if let reference {
            let escaped = reference.replacing("~", with: "~0").replacing("/", with: "~1")
            members["$ref"] = .string("#/$defs/\(escaped)")
        }
        if let choices { members["enum"] = .array(choices) }
        if let constant { members["const"] = constant }
        add(number, to: &members)
        if let least = string.minLength { members["minLength"] = .integer(Int64(least)) }
        if let most = string.maxLength { members["maxLength"] = .integer(Int64(most)) }
        add(array, to: &members)
        add(object, to: &members)
        if let anyOf { members["anyOf"] = .array(anyOf.map(\.document)) }
        if let oneOf { members["oneOf"] = .array(oneOf.map(\.document)) }
        if !allOf.isEmpty { members["allOf"] = .array(allOf.map(\.document)) }
        if let not { members["not"] = not.document }
        return .object(members)
    }

    private func add(_ rules: JSONSchema.NumberRules, to members: inout JSONValue.Members) {
        if let bound = rules.minimum { members["minimum"] = bound.value }
        if let bound = rules.maximum { members["maximum"] = bound.value }
        if let bound = rules.exclusiveMinimum { members["exclusiveMinimum"] = bound.value }
        if let bound = rules.exclusiveMaximum { members["exclusiveMaximum"] = bound.value }
        if let divisor = rules.multipleOf { members["multipleOf"] = divisor.value }
    }

    private func add(_ rules: JSONSchema.ArrayRules, to members: inout JSONValue.Members) {
        if !rules.prefix.isEmpty { members["prefixItems"] = .array(rules.prefix.map(\.document)) }
        if let items = rules.items { members["items"] = items.document }
        if let least = rules.minItems { members["minItems"] = .integer(Int64(least)) }
        if let most = rules.maxItems { members["maxItems"] = .integer(Int64(most)) }
        if rules.isUnique { members["uniqueItems"] = true }
    }

    private func add(_ rules: JSONSchema.ObjectRules, to members: inout JSONValue.Members) {
        if !rules.properties.isEmpty { members["properties"] = .object(rules.properties.mapValues(\.document)) }
        if !rules.required.isEmpty { members["required"] = .array(rules.required.map { .string($0) }) }
        if let additional = rules.additional { members["additionalProperties"] = additional.document }
    }
}
