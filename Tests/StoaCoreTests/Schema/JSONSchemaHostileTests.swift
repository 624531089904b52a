import OrderedCollections
import StoaCore
import StoaTestKit
import Testing

/// Schemas and values of people who mean no good: everything ends, soon, and with an answer.
@Suite(.timeLimit(.minutes(30))) struct JSONSchemaHostileTests {
    private func nested(_ depth: Int, _ wrap: (JSONValue) -> JSONValue, _ inner: JSONValue = true) -> JSONValue {
        (0..<depth).reduce(inner) { value, _ in wrap(value) }
    }

    @Test func `a schema that is nested too deep is refused`() throws {
        for wrap in [{ ["items": $0] }, { ["not": $0] }, { ["anyOf": [$0]] }, { ["properties": ["a": $0]] }]
            as [(JSONValue) -> JSONValue]
        {
            let error = try #require(thrown(JSONSchemaError.self) { _ = try JSONSchema(nested(2000, wrap)) })
            #expect(error.problems[0].message == "nested deeper than 64 schemas")
            _ = try JSONSchema(nested(64, wrap))
        }
    }

    @Test func `a schema of too many parts is refused`() throws {
        let parts = [JSONValue](repeating: ["type": "null"], count: 5000)
        let error = try #require(thrown(JSONSchemaError.self) { _ = try JSONSchema(["anyOf": .array(parts)]) })
        #expect(error.problems.count == JSONSchemaLimits.problems)
        #expect(error.problems[0].message == "more than 4096 schemas")
    }

    @Test func `references that come back to the same value are refused, those that go down into it are not`() throws {
        let loop: JSONValue = [
            "$ref": "#/$defs/a",
            "$defs": ["a": ["allOf": [["$ref": "#/$defs/b"]]], "b": ["not": ["$ref": "#/$defs/a"]]],
        ]
        #expect(throws: JSONSchemaError.self) { try JSONSchema(loop) }
        let list = try JSONSchema([
            "$ref": "#/$defs/list",
            "$defs": ["list": ["anyOf": [["type": "null"], ["type": "array", "items": ["$ref": "#/$defs/list"]]]]],
        ])
        #expect(list.accepts([[.null], [[.null]]]) && !list.accepts([[.null], [[1]]]))
    }

    @Test func `a value that is nested too deep has a problem and no end of the stack`() throws {
        let list = try JSONSchema(["$ref": "#/$defs/l", "$defs": ["l": ["items": ["$ref": "#/$defs/l"]]]])
        #expect(list.accepts(nested(100) { [$0] }))
        let problems = list.problems(of: nested(5000) { [$0] })
        #expect(
            problems.map(\.description) == [
                "$: expected a value that can be checked, found one that is nested too deep"
            ])
        let deep = nested(5000) { [$0] }
        for schema in [["const": [[1]]], ["uniqueItems": true], ["enum": [["a"]]]] as [JSONValue] {
            #expect(!(try JSONSchema(schema).accepts(deep)))
        }
    }

    @Test func `alternatives that double at every step are given up, also behind a not`() throws {
        var definitions: JSONValue.Members = ["n0": ["type": "null"]]
        for level in 1...40 {
            let below: JSONValue = ["$ref": .string("#/$defs/n\(level - 1)")]
            definitions["n\(level)"] = ["anyOf": [below, below]]
        }
        for rule in ["allOf", "not"] {
            let reference: JSONValue = ["$ref": "#/$defs/n40"]
            let schema = try JSONSchema(
                .object([
                    rule: rule == "not" ? reference : [reference], "$defs": .object(definitions),
                ]))
            #expect(schema.problems(of: 1).map(\.found) == ["one that takes more than 1000000 steps"])
            #expect(schema.accepts(.null) == (rule == "allOf"))
        }
    }

    @Test func `long lists end with a bounded list of problems`() throws {
        let schema = try JSONSchema(["items": ["type": "integer"]])
        #expect(schema.problems(of: .array(.init(repeating: "x", count: 300_000))).count == JSONSchemaLimits.problems)
        #expect(schema.accepts(.array(.init(repeating: 1, count: 300_000))))
    }

    @Test(arguments: 0..<200)
    func `any document is read or refused, and checks any other`(seed: UInt64) throws {
        var random = SchemaDraw(seed: seed)
        let document = random.anything(depth: 5)
        guard let schema = try? JSONSchema(document) else { return }
        for _ in 0..<20 { _ = schema.problems(of: random.value(depth: 4)) }
    }
}
