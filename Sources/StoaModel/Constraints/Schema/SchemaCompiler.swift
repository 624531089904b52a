internal import OrderedCollections
internal import StoaCore

/// Writes the grammar of the JSON that a schema accepts.
///
/// Every text of the grammar is a document that the schema accepts; not every such document has a text:
/// - between the parts there is no space, or one behind a colon or a comma;
/// - members come in the schema's order; where it names members, there are no others; those it does not name may repeat
///   a key, of which JSON takes the last;
/// - numbers are plain decimals, see `DecimalRange`.
///
/// Refused, because no grammar says them: `not`, `uniqueItems` of more than one element, `oneOf` whose alternatives
/// may hold together, and `multipleOf` other than powers of ten and short ranges.
struct SchemaCompiler {
    typealias Node = JSONSchema.Node
    typealias Rules = JSONSchema.Rules

    let schema: JSONSchema
    /// The patterns of the rules; the first is the whole document.
    private var rules: [GrammarPattern] = [.nothing]
    private var known: [Node: Int] = [:]
    private var character: Int?

    private init(_ schema: JSONSchema) { self.schema = schema }

    /// Compiles a schema.
    ///
    /// - Parameter schema: the schema.
    /// - Returns: the grammar.
    /// - Throws: `ConstraintError` with the place of what a grammar can't say.
    static func compile(_ schema: JSONSchema) throws(ConstraintError) -> Grammar {
        var compiler = SchemaCompiler(schema)
        compiler.rules[0] = try compiler.value(schema.root, at: JSONPath())
        return try Grammar(rules: compiler.rules)
    }

    /// The pattern of a value: a rule of its own, so that definitions may contain themselves.
    private mutating func value(_ node: Node, at path: JSONPath) throws(ConstraintError) -> GrammarPattern {
        if let rule = known[node] { return .rule(rule) }
        if case .rules(let only) = node, let name = only.reference, let definition = schema.definitions[name] {
            var rest = only
            rest.reference = nil
            if rest == Rules() { return try value(definition, at: JSONPath()["$defs"][name]) }
        }
        let rule = rules.count
        guard rule < GrammarLimits.nodes / 8 else { throw ConstraintError.tooLarge }
        rules.append(.nothing)
        known[node] = rule
        var choices: [GrammarPattern] = []
        for alternative in try alternatives(node, at: path) { choices += try patterns(alternative, at: path) }
        rules[rule] = .choice(choices)
        return .rule(rule)
    }

    // MARK: - Types

    private mutating func patterns(_ rules: Rules, at path: JSONPath) throws(ConstraintError) -> [GrammarPattern] {
        if rules.choices != nil || rules.constant != nil {
            let check = JSONSchema(root: .rules(rules), definitions: schema.definitions)
            return (rules.choices ?? rules.constant.map { [$0] } ?? []).filter { check.accepts($0) }.map {
                .text($0.text)
            }
        }
        var types = rules.types ?? OrderedSet(JSONSchema.ValueType.allCases)
        if types.contains(.number) { types.remove(.integer) }
        var patterns: [GrammarPattern] = []
        for type in types {
            switch type {
            case .null: patterns.append(.text("null"))
            case .boolean: patterns += [.text("true"), .text("false")]
            case .string: patterns.append(string(rules.string))
            case .integer: patterns.append(try DecimalRange.pattern(rules.number, isWhole: true, at: path))
            case .number: patterns.append(try DecimalRange.pattern(rules.number, isWhole: false, at: path))
            case .array: patterns.append(try array(rules.array, at: path))
            case .object: patterns.append(try object(rules.object, at: path))
            }
        }
        return patterns
    }

    private mutating func string(_ bounds: JSONSchema.StringRules) -> GrammarPattern {
        let quote = GrammarPattern.text("\"")
        let rule = character ?? rules.count
        if character == nil {
            rules.append(JSONCharacter.pattern)
            character = rule
        }
        return .sequence([quote, .loop(.rule(rule), least: bounds.minLength ?? 0, most: bounds.maxLength), quote])
    }

    /// What stands behind a colon or a comma.
    private static let space = GrammarPattern.optional(.text(" "))
    private static let comma = GrammarPattern.sequence([.text(","), space])

    private mutating func array(
        _ rules: JSONSchema.ArrayRules, at path: JSONPath
    ) throws(ConstraintError) -> GrammarPattern {
        let (least, most) = (rules.minItems ?? 0, rules.maxItems)
        if rules.isUnique, most ?? 2 > 1 {
            throw ConstraintError.schema(path["uniqueItems"], "a grammar can't say that no element is like another")
        }
        let count = min(rules.prefix.count, most ?? .max)
        let item = try value(rules.items ?? .anything, at: path["items"])
        // From the end: what follows so many elements.
        func bounds(_ before: Int) -> (least: Int, most: Int?) { (max(0, least - before), most.map { $0 - before }) }
        var rest: GrammarPattern
        if count > 0 {
            let (least, most) = bounds(count)
            rest = .loop(.sequence([Self.comma, item]), least: least, most: most)
        } else {
            let (least, most) = bounds(1)
            let some = GrammarPattern.sequence([
                item, .loop(.sequence([Self.comma, item]), least: least, most: most.map { max(0, $0) }),
            ])
            rest = most.map { $0 < 0 } == true ? .empty : some
            if least == 0, rules.minItems ?? 0 == 0 { rest = .optional(rest) }
        }
        for index in (0..<count).reversed() {
            let element = try value(rules.prefix[index], at: path["prefixItems"][index])
            let more = GrammarPattern.sequence(index == 0 ? [element, rest] : [Self.comma, element, rest])
            rest = index >= least ? .optional(more) : more
        }
        if let most, most < least { return .nothing }
        return .sequence([.text("["), rest, .text("]")])
    }

    private mutating func object(
        _ rules: JSONSchema.ObjectRules, at path: JSONPath
    ) throws(ConstraintError) -> GrammarPattern {
        var members: [(pattern: GrammarPattern, isRequired: Bool)] = []
        for (name, node) in rules.properties {
            let value = try value(node, at: path["properties"][name])
            members.append((Self.member(.text(JSONValue.string(name).text), value), rules.required.contains(name)))
        }
        let additional = path["additionalProperties"]
        for name in rules.required where rules.properties[name] == nil {
            let value = try value(rules.additional ?? .anything, at: additional)
            members.append((Self.member(.text(JSONValue.string(name).text), value), true))
        }
        var choices: [GrammarPattern] = []
        if members.isEmpty {
            let member = Self.member(
                string(JSONSchema.StringRules()), try value(rules.additional ?? .anything, at: additional))
            choices = [
                .empty, .sequence([member, .loop(.sequence([Self.comma, member]), least: 0, most: nil)]),
            ]
        }
        // Of members that may be left out any may be the first; those before it are left out.
        var first = 0
        while first < members.count {
            var parts = [members[first].pattern]
            for (pattern, isRequired) in members.dropFirst(first + 1) {
                let more = GrammarPattern.sequence([Self.comma, pattern])
                parts.append(isRequired ? more : .optional(more))
            }
            choices.append(.sequence(parts))
            if members[first].isRequired { break }
            first += 1
        }
        if !members.isEmpty, first == members.count { choices.append(.empty) }
        return .sequence([.text("{"), .choice(choices), .text("}")])
    }

    private static func member(_ key: GrammarPattern, _ value: GrammarPattern) -> GrammarPattern {
        .sequence([key, .text(":"), space, value])
    }
}

/// A character of a JSON text, as it stands or escaped.
enum JSONCharacter {
    static let pattern: GrammarPattern = {
        func hex(_ low: Int, _ high: Int) -> GrammarPattern {
            let digits = Array("0123456789abcdef".utf8)
            let upper = Array("0123456789ABCDEF".utf8)
            return .choice(
                (low...high).flatMap { value -> [GrammarPattern] in
                    let lower = GrammarPattern.byte(digits[value], digits[value])
                    return value < 10 ? [lower] : [lower, .byte(upper[value], upper[value])]
                })
        }
        let any = hex(0, 15)
        let d = hex(13, 13)
        // Half a surrogate pair is no character: what begins with d8 to db needs its other half.
        let plain = GrammarPattern.choice([
            .sequence([.choice([hex(0, 12), hex(14, 15)]), any, any, any]), .sequence([d, hex(0, 7), any, any]),
        ])
        let pair = GrammarPattern.sequence([d, hex(8, 11), any, any, .text("\\u"), d, hex(12, 15), any, any])
        let escape = GrammarPattern.sequence([
            .text("\\"),
            .choice("\"\\/bfnrt".utf8.map { .byte($0, $0) } + [.sequence([.text("u"), .choice([plain, pair])])]),
        ])
        return .choice([.scalars([0x20...0x21, 0x23...0x5B, 0x5D...0x10FFFF]), escape])
    }()
}
