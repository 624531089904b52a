import OrderedCollections
import StoaCore

/// Draws schemas, and whatever else a test needs, from one stream.
struct RandomSchema {
    private let stream: RandomStream
    private var position: UInt64 = 0
    private var names: [String] = []
    private static let words = ["a", "answer", "ok", "n", "list", "x y", "q\"", "deep_down", "_"]

    /// Begins.
    ///
    /// - Parameter seed: which schemas come.
    init(seed: Int) { stream = RandomStream(seed: 91).child(seed) }

    /// A number below a bound.
    mutating func below(_ bound: Int) -> Int {
        position += 1
        return stream.integer(at: position, below: bound)
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    /// A schema, sometimes with definitions that contain themselves.
    mutating func schema() -> JSONValue {
        names = (0..<below(3)).map { "d\($0)" }
        var definitions: JSONValue.Members = [:]
        for name in names {
            // What contains itself has to have a way out, and goes down into a list or an object first.
            let inner: JSONValue = pick([
                ["type": "array", "items": node(2), "maxItems": .integer(Int64(below(4)))],
                ["type": "object", "properties": ["next": node(2), "value": node(1)]],
            ])
            definitions[name] = pick([["anyOf": [["type": "null"], inner]], inner])
        }
        var root = node(3)
        if root.objectValue == nil || below(3) == 0, let name = names.first {
            root = ["$ref": .string("#/$defs/\(name)")]
        }
        guard var members = root.objectValue else { return root }
        if !definitions.isEmpty { members["$defs"] = .object(definitions) }
        return .object(members)
    }

    private mutating func node(_ depth: Int) -> JSONValue {
        if depth == 0 { return leaf() }
        switch below(10) {
        case 0, 1, 2: return object(depth)
        case 3, 4: return array(depth)
        case 5: return ["anyOf": .array((0...below(3)).map { _ in node(depth - 1) })]
        case 6: return ["allOf": [["properties": ["a": leaf()]], object(depth)], "type": "object"]
        case 7 where !names.isEmpty: return ["$ref": .string("#/$defs/\(pick(names))")]
        case 8:
            return [
                "oneOf": [
                    ["properties": ["kind": ["const": "a"], "x": leaf()], "required": ["kind"], "type": "object"],
                    ["properties": ["kind": ["const": "b"]], "required": ["kind"], "type": "object"],
                    ["type": "boolean"],
                ]
            ]
        default: return leaf()
        }
    }

    private mutating func object(_ depth: Int) -> JSONValue {
        var properties: JSONValue.Members = [:]
        for _ in 0..<below(5) { properties[pick(Self.words)] = node(depth - 1) }
        var required = properties.keys.filter { _ in below(2) == 0 }.map { JSONValue.string($0) }
        if below(8) == 0 { required.append("extra") }
        var members: JSONValue.Members = [
            "type": "object", "properties": .object(properties), "required": .array(required),
        ]
        if below(3) == 0 { members["additionalProperties"] = required.contains("extra") ? leaf() : false }
        return .object(members)
    }

    private mutating func array(_ depth: Int) -> JSONValue {
        var members: JSONValue.Members = ["type": "array", "items": node(depth - 1)]
        let least = below(3)
        if below(2) == 0 { members["minItems"] = .integer(Int64(least)) }
        if below(2) == 0 { members["maxItems"] = .integer(Int64(least + below(4))) }
        if below(3) == 0 { members["prefixItems"] = .array((0...below(2)).map { _ in leaf() }) }
        return .object(members)
    }

    private mutating func bound() -> JSONValue {
        switch below(4) {
        case 0: .integer(Int64(below(2001)) - 1000)
        case 1: .number(Double(below(2001) - 1000) / 100)
        case 2: .integer(Int64(below(7)) - 3)
        default: .number(Double(below(201) - 100) / 1000)
        }
    }

    private mutating func number() -> JSONValue {
        let isWhole = below(2) == 0
        var members: JSONValue.Members = ["type": isWhole ? "integer" : "number"]
        let bounds = [bound(), bound()].sorted { ($0.doubleValue ?? 0) < ($1.doubleValue ?? 0) }
        // Between two bounds there has to be a whole number.
        let widened = (bounds[0], JSONValue.number((bounds[1].doubleValue ?? 0) + 2.5))
        if below(2) == 0 { members[pick(["minimum", "exclusiveMinimum"])] = widened.0 }
        if below(2) == 0 { members[pick(["maximum", "exclusiveMaximum"])] = widened.1 }
        if below(8) == 0 { members["multipleOf"] = pick([1, 0.1, 0.01]) }
        return .object(members)
    }

    private mutating func leaf() -> JSONValue {
        switch below(9) {
        case 0, 1: return number()
        case 2, 3:
            var members: JSONValue.Members = ["type": "string"]
            let least = below(4)
            if below(2) == 0 { members["minLength"] = .integer(Int64(least)) }
            if below(2) == 0 { members["maxLength"] = .integer(Int64(least + below(6))) }
            return .object(members)
        case 4: return ["type": "boolean"]
        case 5: return ["enum": [1, "one", .null, ["k": [1.5, true]], "two"]]
        case 6: return ["const": pick(["x", 0, .null, [1, 2], "\u{1F98A}\n"])]
        case 7: return ["type": ["null", "integer"], "minimum": 3, "maximum": 12]
        default: return below(3) == 0 ? true : ["type": "null"]
        }
    }
}
