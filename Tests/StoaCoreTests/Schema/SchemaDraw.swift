import OrderedCollections
import StoaCore
import StoaTestKit

/// Schemas and values by chance, small enough to hit each other.
struct SchemaDraw {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed &+ 1) }

    private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    private mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

    mutating func value(depth: Int) -> JSONValue {
        switch below(depth > 0 ? 9 : 7) {
        case 0: return .null
        case 1: return .bool(below(2) == 0)
        case 2, 3: return .integer(Int64(below(9)) - 4)
        case 4: return .number(Double(below(17)) / 2 - 4)
        case 5, 6: return .string(one(of: ["", "a", "b", "ab", "abc", "é"]))
        case 7: return .array((0..<below(4)).map { _ in value(depth: depth - 1) })
        default:
            var members: JSONValue.Members = [:]
            for _ in 0..<below(4) { members[one(of: ["a", "b", "c", "d"])] = value(depth: depth - 1) }
            return .object(members)
        }
    }

    private mutating func schemas(_ depth: Int) -> JSONValue {
        .array((0...below(3)).map { _ in schema(depth: depth - 1) })
    }

    private mutating func rule(_ depth: Int) -> (String, JSONValue) {
        let types: [JSONValue] = ["object", "array", "string", "number", "integer", "boolean", "null"]
        switch below(depth > 0 ? 23 : 14) {
        case 0, 1: return ("type", one(of: types))
        case 2: return ("type", .array([one(of: types)]))
        case 3: return ("enum", .array((0...below(4)).map { _ in value(depth: 1) }))
        case 4: return ("const", value(depth: 1))
        case 5:
            return (
                one(of: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]), .integer(Int64(below(7)) - 3)
            )
        case 6: return ("multipleOf", .integer(Int64(below(3)) + 1))
        case 7, 8: return (one(of: ["minLength", "maxLength"]), .integer(Int64(below(4))))
        case 9, 10: return (one(of: ["minItems", "maxItems"]), .integer(Int64(below(4))))
        case 11: return ("uniqueItems", .bool(below(3) > 0))
        case 12: return ("required", .array([one(of: ["a", "b"])]))
        case 13: return ("$ref", .string(one(of: ["#/$defs/one", "#/$defs/two"])))
        case 14: return ("items", schema(depth: depth - 1))
        case 15: return ("prefixItems", schemas(depth))
        case 16, 17:
            var members: JSONValue.Members = [:]
            for _ in 0...below(3) { members[one(of: ["a", "b", "c"])] = schema(depth: depth - 1) }
            return ("properties", .object(members))
        case 18: return ("additionalProperties", schema(depth: depth - 1))
        case 19: return ("anyOf", schemas(depth))
        case 20: return ("oneOf", schemas(depth))
        case 21: return ("allOf", schemas(depth))
        default: return ("not", schema(depth: depth - 1))
        }
    }

    /// A schema without `$defs`, though it may refer to them.
    mutating func schema(depth: Int) -> JSONValue {
        if below(12) == 0 { return .bool(below(3) > 0) }
        var members: JSONValue.Members = [:]
        for _ in 0...below(3) {
            let (key, value) = rule(depth)
            members[key] = value
        }
        return .object(members)
    }

    /// A whole schema.
    mutating func document(depth: Int) -> JSONValue {
        var members: JSONValue.Members = [:]
        for _ in 0...below(3) {
            let (key, value) = rule(depth)
            members[key] = value
        }
        members["$defs"] = ["one": ["type": "integer"], "two": ["items": ["$ref": "#/$defs/two"], "maxItems": 2]]
        return .object(members)
    }

    /// A schema, or something in which keys and values are mixed up.
    mutating func anything(depth: Int) -> JSONValue {
        guard case .object(var members) = document(depth: depth), below(2) == 0 else { return document(depth: depth) }
        let (key, _) = rule(depth)
        members[key] = value(depth: 2)
        return .object(members)
    }
}
