import OrderedCollections
import StoaCore
import Testing

@Suite struct TemplateErrorTests {
    @Test(arguments: [
        ("a\n{{ 1 + }}", "t:2:8: unexpected end of print statement, at \"{{ 1 + }}\""),
        (
            "{% if x %}",
            "t:1:11: unexpected end of template, expected 'elif' or 'else' or 'endif'; the innermost open block is 'if', at \"{% if x %}\""
        ),
        ("{% foo %}", "t:1:4: unknown tag 'foo', at \"{% foo %}\""),
        (
            "{% for x in y %}{% endif %}",
            "t:1:20: unknown tag 'endif', expected 'endfor' or 'else', at \"{% for x in y %}{% endif %}\""
        ),
        ("é{{ 'abc }}", "t:1:5: string without an end, at \"é{{ 'abc }}\""),
        ("{{ x|nope }}", "t:1:6: no filter named 'nope', at \"{{ x|nope }}\""),
        ("{{ x is nope }}", "t:1:9: no test named 'nope', at \"{{ x is nope }}\""),
        ("{% include 'x' %}", "t:1:4: tag 'include' is not supported, at \"{% include 'x' %}\""),
        ("{{ 99999999999999999999 }}", "t:1:4: integer beyond 64 bits, at \"{{ 99999999999999999999 }}\""),
        ("{{ x ! y }}", "t:1:6: unexpected character '!', at \"{{ x ! y }}\""),
        ("{{ [1 }}", "t:1:7: unexpected '}', expected ']', at \"{{ [1 }}\""),
        ("\n\n {# ", "t:3:2: missing end of comment tag, at \" {# \""),
    ])
    func `syntax errors say what and where`(_ source: String, _ message: String) {
        let error = #expect(throws: TemplateError.self) { try Template(source, name: "t") }
        #expect(error?.message == "template " + message)
        #expect(error?.code == .syntax)
        #expect(error?.kind == .badInput)
    }

    @Test(arguments: [
        ("{{ a.b.c }}", TemplateError.Code.undefined, "t:1:7: 'dict' has no attribute 'b', at \"{{ a.b.c }}\""),
        ("{{ q.x }}", .undefined, "t:1:5: 'q' is undefined, at \"{{ q.x }}\""),
        ("{{ 1 / 0 }}", .evaluation, "t:1:6: division by zero, at \"{{ 1 / 0 }}\""),
        ("{{ 1 + 'a' }}", .evaluation, "t:1:6: unsupported operand types for +: 'int' and 'str', at \"{{ 1 + 'a' }}\""),
        ("{{ 1 < 'a' }}", .evaluation, "t:1:4: '<' not supported between 'int' and 'str', at \"{{ 1 < 'a' }}\""),
        ("x\n  {{ raise_exception('no!') }}", .raised, "t:2:21: no!, at \"  {{ raise_exception('no!') }}\""),
        (
            "{{ strftime_now('%Y') }}", .evaluation,
            "t:1:16: strftime_now needs a date, and this rendering was given none, at \"{{ strftime_now('%Y') }}\""
        ),
        ("{{ 2 ** 64 }}", .limit, "t:1:6: integer result beyond 64 bits, at \"{{ 2 ** 64 }}\""),
        (
            "{{ a.update({}) }}", .undefined,
            "t:1:12: access to attribute 'update' of 'dict' object is unsafe: values can't change, at \"{{ a.update({}) }}\""
        ),
    ])
    func `evaluation errors say what and where`(_ source: String, _ code: TemplateError.Code, _ message: String)
        throws
    {
        let template = try Template(source, name: "t")
        let error = #expect(throws: TemplateError.self) { try template.render(context: ["a": TemplateValue([:])]) }
        #expect(error?.message == "template " + message)
        #expect(error?.code == code)
    }
}
