import OrderedCollections
import StoaCore
import Testing

@Suite struct TemplateExpressionTests {
    @Test func `a bare expression means what it means inside braces`() throws {
        let goldens = try TemplateGoldens()
        var compared = 0
        for golden in goldens.cases where golden.source == "[{{ " + golden.name + " }}]" {
            guard let expression = try? TemplateExpression(golden.name),
                let value = try? expression.evaluate(context: goldens.context, now: TemplateGoldens.now)
            else { continue }
            compared += 1
            let text = try Template("[{{ value }}]").render(context: ["value": value])
            #expect(text == golden.text, "\(golden.name)")
        }
        #expect(compared > 850)
    }

    @Test func `values cross to JSON and back`() throws {
        let json = try JSONParser.parse("{\"a\":[1,2.5,null,true,\"x\"],\"b\":{\"c\":-9223372036854775808}}")
        #expect(TemplateValue(json).json == json)
        let value = try TemplateExpression("{'n': a|length, 'l': a[1:], 't': (1, 2)}").evaluate(
            context: ["a": TemplateValue(json["a"] ?? .null)])
        #expect(value.json?.text == "{\"n\":5,\"l\":[2.5,null,true,\"x\"],\"t\":[1,2]}")
        #expect(try TemplateExpression("missing").evaluate(context: [:]).json == nil)
    }

    @Test(arguments: [("n > 1 and s == 'x'", true), ("n in [1, 2]", false), ("missing", false), ("not missing", true)])
    func `conditions are true as in Python`(_ source: String, _ expected: Bool) throws {
        #expect(try TemplateExpression(source).isTrue(context: ["n": 3, "s": "x"]) == expected)
    }

    @Test(arguments: ["namespace(a=1)", "range", "[s.upper]", "{'a': joiner()}"])
    func `what lives only during evaluation can't leave it`(_ source: String) throws {
        let expression = try TemplateExpression(source)
        let error = #expect(throws: TemplateError.self) { try expression.evaluate(context: ["s": "x"]) }
        #expect(error?.code == .evaluation)
    }

    @Test(arguments: ["", "1 2", "a }} b", "{{ a }}", "a if", "(a"])
    func `text that is no expression is refused`(_ source: String) {
        let error = #expect(throws: TemplateError.self) { try TemplateExpression(source) }
        #expect(error?.code == .syntax)
    }

    @Test func `canonically equal texts of different scalars are different, as in Python`() throws {
        let context: OrderedDictionary<String, TemplateValue> = ["a": "\u{E9}", "b": "e\u{301}"]
        #expect(try TemplateExpression("a == b").isTrue(context: context) == false)
        #expect(try TemplateExpression("{a: 1, b: 2}|length").evaluate(context: context).json == 2)
        #expect(try TemplateExpression("a in b").isTrue(context: context) == false)
    }
}
