import Foundation
import OrderedCollections
import StoaCore
import StoaTestKit
import Testing

@testable import StoaModel

/// Grammars read byte by byte, without a model.
@Suite struct GrammarMachineTests {
    private static let every = Array(repeating: true, count: 256)

    /// A text that a machine allows: random bytes until there were enough, then the shortest way to the end.
    private static func text(_ machine: GrammarMachine, _ draw: inout RandomSchema, length: Int) -> [UInt8] {
        var (state, bytes): (GrammarMachine.State, [UInt8]) = (machine.start, [])
        while !machine.isFinal(state) {
            let allowed = (UInt8.min...UInt8.max).filter { machine.step(state, $0) != GrammarMachine.dead }
            let isClosing = bytes.count >= length
            if machine.isAccepting(state), isClosing || allowed.isEmpty || draw.below(8) == 0 { break }
            let left = machine.completion(state)
            let shorter = allowed.filter { machine.completion(machine.step(state, $0)) < left }
            let byte = draw.pick(isClosing ? shorter : allowed)
            state = machine.step(state, byte)
            bytes.append(byte)
        }
        return bytes
    }

    private static func accepts(_ machine: GrammarMachine, _ text: some Sequence<UInt8>) -> Bool {
        var state = machine.start
        for byte in text where state != GrammarMachine.dead { state = machine.step(state, byte) }
        return state != GrammarMachine.dead && machine.isAccepting(state)
    }

    private static func machine(_ schema: JSONValue) throws -> GrammarMachine {
        try GrammarMachine(SchemaCompiler.compile(JSONSchema(schema)), isSpelled: every)
    }

    @Test func `texts under random schemas are documents that the schemas accept`() throws {
        var found = 0
        for seed in 0..<400 {
            var draw = RandomSchema(seed: seed)
            let document = draw.schema()
            let schema = try JSONSchema(document)
            guard let machine = try? Self.machine(document) else { continue }
            for length in [0, 4, 40, 120] {
                let bytes = Self.text(machine, &draw, length: length)
                let text = try #require(String(validating: bytes, as: UTF8.self), "\(document.text)")
                let value = try JSONParser.parse(text)
                #expect(schema.problems(of: value) == [], "\(document.text)\n\(text)")
                if length == 0 {
                    #expect(bytes.count == machine.completion(machine.start) || machine.isAccepting(machine.start))
                }
                found += 1
            }
        }
        #expect(found > 1200)
    }

    /// Every document of a schema that is written in the grammar's own way is allowed, and no other.
    @Test func `what a schema accepts is allowed, what it does not is not`() throws {
        let machine = try Self.machine([
            "type": "object",
            "properties": [
                "n": ["type": "integer", "minimum": -12, "maximum": 105], "s": ["type": "string", "maxLength": 2],
                "l": ["type": "array", "items": ["enum": [1, 2]], "minItems": 1, "maxItems": 2],
            ], "required": ["n"],
        ])
        for text in [
            #"{"n":-12}"#, #"{"n": 105, "s": ""}"#, #"{"n":0,"s":"\u00e4é","l":[1,2]}"#, #"{"n":9,"l":[2]}"#,
            #"{"n":1,"s":"\ud83e\udd8a🦊"}"#,
        ] { #expect(Self.accepts(machine, text.utf8), "\(text)") }
        for text in [
            #"{}"#, #"{"n":-13}"#, #"{"n":106}"#, #"{"n":01}"#, #"{"n":-0}"#, #"{"n":1,"s":"abc"}"#, #"{"n":1,"l":[]}"#,
            #"{"n":1,"l":[1,1,1]}"#, #"{"s":"","n":1}"#, #"{"n":1,"x":1}"#, #"{ "n":1}"#, #"{"n":  1}"#, #"{"n":1,}"#,
            #"{"n":1,"s":"\ud83e"}"#, #"{"n":1.0}"#,
        ] { #expect(!Self.accepts(machine, text.utf8), "\(text)") }
    }

    /// Against arithmetic: every decimal of a few digits is allowed where it is within the bounds, and only there.
    @Test func `numbers between bounds are those that arithmetic finds`() throws {
        for seed in 0..<60 {
            var draw = RandomSchema(seed: 10_000 + seed)
            let bounds = [draw.below(400) - 200, draw.below(400) - 200].sorted()
            let keys = (draw.pick(["minimum", "exclusiveMinimum"]), draw.pick(["maximum", "exclusiveMaximum"]))
            let document: JSONValue = [
                "type": "number", keys.0: .number(Double(bounds[0]) / 100), keys.1: .number(Double(bounds[1]) / 100),
            ]
            let schema = try JSONSchema(document)
            let machine = try? Self.machine(document)
            for hundredths in -220...220 {
                let magnitude = abs(hundredths)
                let text = "\(hundredths < 0 ? "-" : "")\(magnitude / 100).\(magnitude / 10 % 10)\(magnitude % 10)"
                let isIn = schema.accepts(try JSONParser.parse(text))
                #expect((machine.map { Self.accepts($0, text.utf8) } ?? false) == isIn, "\(document.text) \(text)")
            }
        }
    }

    @Test func `expressions match what another engine matches`() throws {
        let expressions = [
            "a+b*", "(foo|bar|)x", "[a-c]{2,3}", "[^a]", "(?:ab|a)(c|bc)", #"\d{2}-\d{2}"#, #"\w+\s?\w*"#, ".{0,3}",
            "x?y?",
            "[]a]b", "[a-]+", #"\.\*"#, "é|ü+", "^ab$", "(a|b){2}c", #"[\d_]+\n?"#, "a{3}",
        ]
        let characters = [
            "a", "b", "c", "x", "y", "1", "2", "-", ".", "*", "é", "ü", "]", "_", "\n", "foo", "bar", " ",
        ]
        for (index, expression) in expressions.enumerated() {
            let machine = try GrammarMachine(RegexCompiler.compile(expression), isSpelled: Self.every)
            // The other engine knows letters of all languages, and more line endings.
            let ascii = expression.replacing(#"[\d_]"#, with: "[0-9_]").replacing(#"\w"#, with: "[A-Za-z0-9_]")
                .replacing(".{", with: "[^\n]{")
            let reference = try NSRegularExpression(pattern: "^(?:\(ascii))\\z")
            func matches(_ text: String) -> Bool {
                reference.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
            }
            var draw = RandomSchema(seed: 20_000 + index)
            for length in 0..<200 {
                let text = String(decoding: Self.text(machine, &draw, length: length % 7), as: UTF8.self)
                #expect(matches(text), "\(expression) \(text)")
                let other = (0..<draw.below(5)).map { _ in draw.pick(characters) }.joined()
                #expect(matches(other) == Self.accepts(machine, other.utf8), "\(expression) \(other)")
            }
        }
    }

    @Test(arguments: [
        ("a**", 3), ("(a*)*", 5), ("a(?=b)", 5), ("a{2,1}", 6), ("(a", 3), ("[a", 3), (#"\q"#, 3), ("a)", 2), ("*", 1),
        (#"(a)\1"#, 6), ("a{", 3),
    ])
    func `an expression that is not known is refused with its place`(_ expression: String, _ place: Int) throws {
        let error = try #require(thrown(ConstraintError.self) { _ = try RegexCompiler.compile(expression) })
        #expect(error.message.contains("character \(place):"), "\(error.message)")
    }

    @Test(
        arguments: [
            (["properties": ["a": ["not": ["type": "null"]]]], "schema.properties.a.not"),
            (["items": ["type": "array", "uniqueItems": true]], "schema.items.uniqueItems"),
            (["oneOf": [["type": "number"], ["type": "integer"]]], "schema.oneOf"),
            (["type": "integer", "multipleOf": 7], "schema.multipleOf"),
            (["type": "number", "multipleOf": 0.25], "schema.multipleOf"),
            (["$ref": "#/$defs/x", "$defs": ["x": ["not": true]]], "schema.$defs.x.not"),
        ] as [(JSONValue, String)])
    func `what a grammar can't say of a schema is refused with its place`(_ schema: JSONValue, _ place: String) throws {
        let error = try #require(thrown(ConstraintError.self) { _ = try Self.machine(schema) })
        #expect(error.message.hasPrefix("\(place): "), "\(error.message)")
    }

    @Test func `a schema that nothing keeps to is refused`() throws {
        for schema in [
            false, ["type": "integer", "minimum": 3, "maximum": 2], ["enum": [1], "type": "string"],
            ["$ref": "#/$defs/x", "$defs": ["x": ["type": "array", "items": ["$ref": "#/$defs/x"], "minItems": 1]]],
        ] as [JSONValue] {
            let error = thrown(ConstraintError.self) { _ = try Self.machine(schema) }
            #expect(error == .impossible, "\(schema.text)")
        }
    }

    @Test func `a constraint reads back from what is written down`() throws {
        for seed in 0..<200 {
            var draw = RandomSchema(seed: seed)
            let constraint = OutputConstraint.schema(try JSONSchema(draw.schema()))
            #expect(try OutputConstraint(document: constraint.document) == constraint)
        }
        for constraint in [OutputConstraint.regex("a|b"), .choices(["x", "y"])] {
            #expect(try OutputConstraint(document: constraint.document) == constraint)
        }
        #expect(throws: JSONSchemaError.self) { try OutputConstraint(document: ["regex": 1]) }
    }
}
