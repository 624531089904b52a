import OrderedCollections
import StoaCore
import StoaTestKit
import Testing

@Suite struct JSONSchemaTests {
    private func messages(_ schema: JSONValue, _ value: JSONValue) throws -> [String] {
        try JSONSchema(schema).problems(of: value, named: "arguments").map(\.description)
    }

    private static let person: JSONValue = [
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A person", "description": "Somebody.",
        "type": "object",
        "properties": [
            "name": ["type": "string", "minLength": 1, "examples": ["Ada"]],
            "age": ["type": ["integer", "null"], "minimum": 0, "default": 1],
            "tags": ["type": "array", "items": ["enum": ["a", "b", "c"]], "uniqueItems": true, "maxItems": 2],
            "boss": ["$ref": "#/$defs/person"],
        ],
        "required": ["name", "age"], "additionalProperties": false,
        "$defs": [
            "person": ["type": "object", "properties": ["boss": ["$ref": "#/$defs/person"]], "required": ["name"]]
        ],
    ]

    @Test(
        arguments: [
            (["name": "Ada", "age": 36], []),
            (["name": "Ada", "age": .null, "tags": ["a", "b"], "boss": ["name": 1, "boss": ["name": 2]]], []),
            (["age": 1.0, "name": "A"], []),
            ([], ["arguments: expected an object, found an empty list"]),
            (
                [:],
                [
                    "arguments.name: expected a text, found nothing",
                    "arguments.age: expected a whole number or null, found nothing",
                ]
            ),
            (
                ["name": "", "age": -1],
                [
                    "arguments.name: expected at least 1 character, found \"\"",
                    "arguments.age: expected at least 0, found -1",
                ]
            ),
            (["name": "A", "age": 1.5], ["arguments.age: expected a whole number or null, found 1.5"]),
            (["name": "A", "age": true], ["arguments.age: expected a whole number or null, found true"]),
            (
                ["name": "A", "age": 1, "nme": 2],
                [
                    "arguments.nme: expected no member of this name (there is name, age, tags, boss), found 2"
                ]
            ),
            (
                ["name": "A", "age": 1, "tags": ["a", "d"]],
                [
                    "arguments.tags[1]: expected one of \"a\", \"b\", \"c\", found \"d\""
                ]
            ),
            (
                ["name": "A", "age": 1, "tags": ["a", "b", "a"]],
                [
                    "arguments.tags: expected at most 2 elements, found a list of 3",
                    "arguments.tags[2]: expected an element unlike arguments.tags[0], found \"a\"",
                ]
            ),
            (
                ["name": "A", "age": 1, "boss": ["name": 1, "boss": [:]]],
                [
                    "arguments.boss.boss.name: expected a value, found nothing"
                ]
            ),
        ] as [(JSONValue, [String])])
    func `a problem says where, what was expected and what was found`(value: JSONValue, expected: [String]) throws {
        #expect(try messages(Self.person, value) == expected)
    }

    @Test(
        arguments: [
            (["exclusiveMinimum": 2], 2, "more than 2"), (["exclusiveMaximum": 2], 2, "less than 2"),
            (["maximum": 2], 2.5, "at most 2"), (["multipleOf": 3], 4, "a multiple of 3"),
            (["const": ["a": 1]], [:], "an object with a"),
            (["not": ["type": "string"]], "x", "anything but a text"), (false, 1, "nothing"),
            (["anyOf": [["type": "string"], ["type": "null"]]], 1, "a text or null"),
            (["oneOf": [["type": "integer"], ["minimum": 2]]], 3, "exactly one of 2 alternatives to fit; 1 and 2 do"),
            (["minItems": 1], [], "at least 1 element"), (["additionalProperties": false], ["x": 1], "no members"),
            (["maxLength": 1], "ab", "at most 1 character"), (["enum": [1]], 2, "1"),
        ] as [(JSONValue, JSONValue, String)])
    func `every rule has words of its own`(schema: JSONValue, value: JSONValue, expected: String) throws {
        let problem = try #require(try JSONSchema(schema).problems(of: value).first)
        #expect(problem.expected == expected)
    }

    @Test func `of alternatives, the one that is about such values says what is wrong`() throws {
        let schema: JSONValue = [
            "anyOf": [
                ["type": "null"], ["type": "object", "properties": ["n": ["type": "integer"]], "required": ["n"]],
            ]
        ]
        #expect(try messages(schema, ["n": "x"]) == ["arguments.n: expected a whole number, found \"x\""])
        #expect(try messages(schema, 1) == ["arguments: expected null or an object, found 1"])
    }

    @Test(
        arguments: [
            (
                ["type": "text"],
                "schema.type: expected object, array, string, number, integer, boolean, null, or a list of these, found \"text\""
            ),
            (
                ["properties": ["a": ["pattern": "x"]]],
                "schema.properties.a.pattern: the key \"pattern\" is not known: expected one of "
            ),
            (["items": [1]], "schema.items: expected a schema: an object, true or false, found a list of 1"),
            (["$ref": "#/definitions/a"], "schema.$ref: expected \"#/$defs/NAME\", found \"#/definitions/a\""),
            (["$ref": "#/$defs/a"], "schema.$ref: there is no \"#/$defs/a\" in this schema"),
            (["$ref": "http://example.org/a"], "schema.$ref: expected \"#/$defs/NAME\""),
            (["multipleOf": 0], "schema.multipleOf: expected a number above 0, found 0"),
            (["minLength": -1], "schema.minLength: expected a whole number, 0 or more, found -1"),
            (["enum": []], "schema.enum: expected a list of at least one value, found an empty list"),
            (["anyOf": []], "schema.anyOf: expected a list of at least one schema, found an empty list"),
            (["required": ["a", 1]], "schema.required: expected a list of names, found a list of 2"),
            (["uniqueItems": 1], "schema.uniqueItems: expected true or false, found 1"),
            (
                ["properties": ["a": ["$defs": [:]]]],
                "schema.properties.a.$defs: '$defs' belongs at the top of a schema"
            ),
            (
                ["$defs": ["a": ["anyOf": [["type": "null"], ["$ref": "#/$defs/a"]]]]],
                "schema.$defs.a: leads to a reference without end"
            ),
            (1, "schema: expected a schema: an object, true or false, found 1"),
        ] as [(JSONValue, String)])
    func `a schema that cannot be checked is refused with the place`(schema: JSONValue, message: String) throws {
        let error = try #require(thrown(JSONSchemaError.self) { _ = try JSONSchema(schema) })
        #expect(error.message.hasPrefix(message), "\(error.message)")
        #expect(error.kind == .badInput)
    }

    @Test func `all problems of a schema are reported, not the first`() throws {
        let schema: JSONValue = ["type": "x", "properties": ["a": ["format": "date"]], "minItems": "1"]
        let error = try #require(thrown(JSONSchemaError.self) { _ = try JSONSchema(schema) })
        #expect(error.problems.map(\.path.description) == ["$.type", "$.properties.a.format", "$.minItems"])
    }

    @Test func `the tree keeps what was read, for others to work with`() throws {
        let schema = try JSONSchema([
            "type": "object", "properties": ["a": ["type": "integer", "maximum": 5]], "required": ["a"],
            "$defs": ["t": true],
        ])
        guard case .rules(let rules) = schema.root, case .rules(let inner)? = rules.object.properties["a"] else {
            Issue.record("no rules")
            return
        }
        #expect(rules.types == [.object] && rules.object.required == ["a"])
        #expect(inner.types == [.integer] && inner.number.maximum == .integer(5))
        #expect(schema.definitions["t"] == .anything)
    }

    @Test(arguments: [
        (0.3, 0.1, true), (0.35, 0.1, false), (1e20, 3.0, false), (3e20, 3.0, true), (1e-9, 1e-12, true),
        (1e300, 7.0, false), (4.5, 1.5, true), (0.0, 0.1, true), (-0.6, 0.2, true), (1e-300, 10.0, false),
    ])
    func `multiples are those of the digits that are written`(number: Double, divisor: Double, isMultiple: Bool) throws
    {
        let schema = try JSONSchema(["multipleOf": .number(divisor)])
        #expect(schema.accepts(.number(number)) == isMultiple)
    }

    @Test func `integers of 64 bits are compared without rounding`() throws {
        let schema = try JSONSchema(["minimum": .integer(.max)])
        #expect(schema.accepts(.integer(.max)) && !schema.accepts(.integer(.max - 1)))
        #expect(schema.accepts(.number(0x1p63)) && !schema.accepts(.number(0x1p62)))
        let constant = try JSONSchema(["const": .integer(9_007_199_254_740_993)])
        #expect(!constant.accepts(.integer(9_007_199_254_740_992)))
        #expect(!constant.accepts(.number(9_007_199_254_740_992)))
        #expect(try JSONSchema(["const": 1]).accepts(1.0))
    }

    @Test func `texts are equal byte by byte, and counted in scalars`() throws {
        #expect(!(try JSONSchema(["const": "caf\u{E9}"]).accepts("cafe\u{301}")))
        #expect(try JSONSchema(["maxLength": 1]).accepts("\u{1F600}"))
        #expect(!(try JSONSchema(["maxLength": 1]).accepts("e\u{301}")))
    }

    @Test func `the order of members says nothing, that of elements does`() throws {
        let schema = try JSONSchema(["enum": [["a": 1, "b": [1, 2]]]])
        #expect(schema.accepts(["b": [1, 2], "a": 1.0]) && !schema.accepts(["a": 1, "b": [2, 1]]))
    }

    @Test func `a number that JSON cannot say is of no type`() throws {
        for type in ["number", "integer", "null"] {
            #expect(!(try JSONSchema(["type": .string(type)]).accepts(.number(.nan))))
        }
        #expect(!(try JSONSchema(["minimum": 0]).accepts(.number(.infinity))))
    }
}
