internal import OrderedCollections
internal import StoaCore

extension SchemaCompiler {
    /// The most alternatives of one value.
    private static let mostAlternatives = 256

    /// A schema as alternatives that have no references and no combinations in them, of which any may hold.
    ///
    /// - Parameters:
    ///   - node: a schema.
    ///   - path: where it stands.
    /// - Returns: the alternatives; none where nothing is accepted.
    /// - Throws: `ConstraintError` for what a grammar can't say.
    func alternatives(_ node: Node, at path: JSONPath) throws(ConstraintError) -> [Rules] {
        guard case .rules(let rules) = node else { return node == .anything ? [Rules()] : [] }
        if rules.not != nil { throw ConstraintError.schema(path["not"], "a grammar can't say what a value is not") }
        var base = rules
        (base.reference, base.anyOf, base.oneOf, base.allOf) = (nil, nil, nil, [])
        var result = [base]
        if let name = rules.reference, let definition = schema.definitions[name] {
            result = try join(result, alternatives(definition, at: JSONPath()["$defs"][name]), at: path)
        }
        for (index, node) in rules.allOf.enumerated() {
            result = try join(result, alternatives(node, at: path["allOf"][index]), at: path)
        }
        if let nodes = rules.anyOf {
            result = try join(result, any(nodes, at: path["anyOf"]).flatMap(\.self), at: path)
        }
        if let nodes = rules.oneOf {
            let sets = try any(nodes, at: path["oneOf"])
            for first in sets.indices {
                for second in sets.indices.dropFirst(first + 1) {
                    for rules in sets[first] where sets[second].contains(where: { !excludes(rules, $0) }) {
                        throw ConstraintError.schema(
                            path["oneOf"], "alternatives \(first + 1) and \(second + 1) may both fit a value",
                            hint: "use anyOf, or a required member with a const of its own in each alternative")
                    }
                }
            }
            result = try join(result, sets.flatMap(\.self), at: path)
        }
        return result
    }

    private func any(_ nodes: [Node], at path: JSONPath) throws(ConstraintError) -> [[Rules]] {
        var sets: [[Rules]] = []
        for (index, node) in nodes.enumerated() { sets.append(try alternatives(node, at: path[index])) }
        return sets
    }

    private func join(_ first: [Rules], _ second: [Rules], at path: JSONPath) throws(ConstraintError) -> [Rules] {
        var result: [Rules] = []
        for one in first {
            for other in second {
                guard let both = try merge(one, other, at: path) else { continue }
                result.append(both)
                if result.count > Self.mostAlternatives {
                    throw ConstraintError.schema(path, "more than \(Self.mostAlternatives) alternatives")
                }
            }
        }
        return result
    }

    // MARK: - Both of two rules

    /// What keeps to both; nil where nothing does.
    private func merge(_ first: Rules, _ second: Rules, at path: JSONPath) throws(ConstraintError) -> Rules? {
        var both = first
        if let types = first.types, let others = second.types {
            let common = JSONSchema.ValueType.allCases.filter { type in
                let isIn = { (set: OrderedSet<JSONSchema.ValueType>) in
                    set.contains(type) || type == .integer && set.contains(.number)
                }
                return isIn(types) && isIn(others)
            }
            if common.isEmpty { return nil }
            both.types = OrderedSet(common)
        } else {
            both.types = first.types ?? second.types
        }
        let values = [first, second].compactMap { $0.choices ?? $0.constant.map { [$0] } }
        if let some = values.first {
            let other = JSONSchema(root: .rules(second), definitions: schema.definitions)
            let one = JSONSchema(root: .rules(first), definitions: schema.definitions)
            let left = some.filter { one.accepts($0) && other.accepts($0) }
            if left.isEmpty { return nil }
            both = Rules()
            both.choices = left
            return both
        }
        both.number = try merge(first.number, second.number, at: path)
        both.string.minLength = Self.highest(first.string.minLength, second.string.minLength)
        both.string.maxLength = Self.lowest(first.string.maxLength, second.string.maxLength)
        both.array = merge(first.array, second.array)
        both.object = merge(first.object, second.object)
        return both
    }

    private static func highest<Value: Comparable>(_ first: Value?, _ second: Value?) -> Value? {
        guard let first, let second else { return first ?? second }
        return max(first, second)
    }

    private static func lowest<Value: Comparable>(_ first: Value?, _ second: Value?) -> Value? {
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }

    private func merge(
        _ first: JSONSchema.NumberRules, _ second: JSONSchema.NumberRules, at path: JSONPath
    ) throws(ConstraintError) -> JSONSchema.NumberRules {
        var both = first
        both.minimum = Self.highest(first.minimum, second.minimum)
        both.maximum = Self.lowest(first.maximum, second.maximum)
        both.exclusiveMinimum = Self.highest(first.exclusiveMinimum, second.exclusiveMinimum)
        both.exclusiveMaximum = Self.lowest(first.exclusiveMaximum, second.exclusiveMaximum)
        if let one = first.multipleOf, let other = second.multipleOf {
            guard one.isMultiple(of: other) || other.isMultiple(of: one) else {
                throw ConstraintError.schema(path, "a number that is a multiple of two others")
            }
            both.multipleOf = max(one, other)
        } else {
            both.multipleOf = first.multipleOf ?? second.multipleOf
        }
        return both
    }

    private func merge(_ first: JSONSchema.ArrayRules, _ second: JSONSchema.ArrayRules) -> JSONSchema.ArrayRules {
        var both = JSONSchema.ArrayRules()
        both.minItems = Self.highest(first.minItems, second.minItems)
        both.maxItems = Self.lowest(first.maxItems, second.maxItems)
        both.isUnique = first.isUnique || second.isUnique
        both.items = Self.both(first.items, second.items)
        both.prefix = (0..<max(first.prefix.count, second.prefix.count)).map { index in
            let one = index < first.prefix.count ? first.prefix[index] : first.items
            let other = index < second.prefix.count ? second.prefix[index] : second.items
            return Self.both(one, other) ?? .anything
        }
        return both
    }

    private func merge(_ first: JSONSchema.ObjectRules, _ second: JSONSchema.ObjectRules) -> JSONSchema.ObjectRules {
        var both = JSONSchema.ObjectRules()
        both.required = first.required.union(second.required)
        both.additional = Self.both(first.additional, second.additional)
        for name in OrderedSet(first.properties.keys).union(second.properties.keys) {
            both.properties[name] =
                Self.both(first.properties[name] ?? first.additional, second.properties[name] ?? second.additional)
                ?? .anything
        }
        return both
    }

    /// What keeps to both schemas, with what it is a conjunction of written once each.
    private static func both(_ first: Node?, _ second: Node?) -> Node? {
        guard let first, let second else { return first ?? second }
        var parts: OrderedSet<Node> = []
        for node in [first, second] {
            var rest = Rules()
            guard case .rules(let rules) = node else {
                if node == .nothing { return .nothing }
                continue
            }
            rest.allOf = rules.allOf
            // A mere conjunction is taken apart, so that what definitions ask of each other comes to an end.
            parts.formUnion(rest == rules ? rules.allOf : [node])
        }
        guard parts.count > 1 else { return parts.first ?? .anything }
        var rules = Rules()
        rules.allOf = Array(parts)
        return .rules(rules)
    }

    // MARK: - One of two rules

    /// Whether it is certain that no value keeps to both.
    private func excludes(_ first: Rules, _ second: Rules, depth: Int = 0) -> Bool {
        guard let both = try? merge(first, second, at: JSONPath()) else { return true }
        guard depth < 4, both.types == [.object] else { return false }
        return both.object.required.contains { name in
            guard let one = first.object.properties[name], let other = second.object.properties[name],
                let ones = try? alternatives(one, at: JSONPath()), let others = try? alternatives(other, at: JSONPath())
            else { return false }
            return ones.allSatisfy { rules in others.allSatisfy { excludes(rules, $0, depth: depth + 1) } }
        }
    }
}
