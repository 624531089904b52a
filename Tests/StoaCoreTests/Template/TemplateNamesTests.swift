import OrderedCollections
import StoaCore
import Testing

@Suite struct TemplateNamesTests {
    /// Templates with the names they read, as `jinja2.meta.find_undeclared_variables` of jinja2 3.1.6 finds them, but for
    /// functions that every template can call, and for names that branches of an `if` assign: jinja2 counts them all.
    static let templates: [(source: String, names: [String])] = [
        ("plain text", []),
        ("{{ b }} {{ a.b.c }} {{ b }}", ["b", "a"]),
        ("{{ a[b] }} {{ c[d:e] }} {{ f(g, h=i) }}", ["a", "b", "c", "d", "e", "f", "g", "i"]),
        ("{{ a | default(b) }} {{ c is divisibleby(d) }}", ["a", "b", "c", "d"]),
        ("{{ a ~ b }} {{ [c, (d, e)] }} {{ {f: g} }} {{ -h }}", ["a", "b", "c", "d", "e", "f", "g", "h"]),
        (
            "{{ a if b else c }} {{ d and e or f }} {{ not g }} {{ 1 < h < i }}",
            ["b", "a", "c", "d", "e", "f", "g", "h", "i"]
        ),
        ("{{ range(n) }} {{ dict(a=1) }} {{ namespace() }}", ["n"]),
        ("{{ true }} {{ none }} {{ 'text' }}", []),
        // Assignments.
        ("{% set x = y %}{{ x }}", ["y"]),
        ("{{ x }}{% set x = 1 %}", ["x"]),
        ("{% set x = x %}", ["x"]),
        ("{% set a, b = c %}{{ a }}{{ b }}", ["c"]),
        ("{% set x %}{{ y }}{% endset %}{{ x }}", ["y"]),
        ("{% set ns = namespace(a=1) %}{% set ns.a = b %}{{ ns.a }}", ["b"]),
        // Branches are in the scope around them, and only what all of them assign is sure to be there.
        ("{% if a %}{% set x = 1 %}{% endif %}{{ x }}", ["a", "x"]),
        ("{% if a %}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}{{ x }}", ["a"]),
        (
            "{% if a %}{% set x = 1 %}{% elif b %}{% set y = 1 %}{% else %}{% set x = 2 %}{% endif %}{{ x }}",
            ["a", "b", "x"]
        ),
        // Loops have a scope of their own.
        ("{% for i in items %}{{ i }} {{ loop.index }} {{ o }}{% endfor %}", ["items", "o"]),
        ("{% for i in items %}{% endfor %}{{ i }} {{ loop }}", ["items", "i", "loop"]),
        ("{% for k, v in items if k > m %}{{ v }}{% else %}{{ k }}{% endfor %}", ["items", "m", "k"]),
        ("{% for i in i %}{% set x = 1 %}{% endfor %}{{ x }}", ["i", "x"]),
        ("{% with a = b, c = a %}{{ a }}{{ c }}{% endwith %}{{ c }}", ["b", "a", "c"]),
        ("{% filter upper %}{{ a }}{% set b = 1 %}{% endfilter %}{{ b }}", ["a", "b"]),
        // Macros.
        (
            "{% macro m(a, b=c) %}{{ a }}{{ b }}{{ d }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(e) }}",
            ["c", "d", "e"]
        ),
        ("{% macro m(n) %}{{ m(n) }}{{ caller() }}{% endmacro %}{{ n }}", ["n"]),
        ("{% macro m(a, b=a) %}{% endmacro %}{{ a }}", ["a"]),
        ("{% call(x) f(y) %}{{ x }}{{ z }}{% endcall %}", ["z", "f", "y"]),
    ]

    @Test(arguments: templates)
    func `a template reads the names it does not define itself, in order of appearance`(
        source: String, names: [String]
    ) throws {
        #expect(try Template(source).names == names)
    }

    @Test func `an expression reads names`() throws {
        #expect(try TemplateExpression("a.b > c and range(d) | length").names == ["a", "c", "d"])
    }

    @Test func `the functions that templates can call are known by name`() throws {
        #expect(TemplateExpression.globalNames.isSuperset(of: ["range", "dict", "namespace"]))
        for name in TemplateExpression.globalNames { #expect(try TemplateExpression(name).names == []) }
    }

    @Test(arguments: templates)
    func `what a name is given makes a difference only if it is among the names`(
        source: String, names: [String]
    ) throws {
        // Whatever a template does not read may be anything, also something that cannot be read at all.
        let template = try Template(source)
        let others = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "k", "m", "n", "o", "x", "y", "z", "items", "loop"]
        let unread = others.filter { !names.contains($0) }
        let plain = Result { () throws(TemplateError) in try template.render(context: [:]) }
        var context = [String: TemplateValue](uniqueKeysWithValues: unread.map { ($0, .integer(7)) })
        context["unrelated"] = .bool(true)
        let crowded = Result { () throws(TemplateError) in
            try template.render(context: .init(uniqueKeysWithValues: context.map { ($0.key, $0.value) }))
        }
        #expect(plain == crowded)
    }

    @Test func `the place of a name is where it is read first`() throws {
        let template = try Template("one {{ a }}\n{% set b = 1 %}{{ b }}é{{ c }} {{ a }}")
        #expect(try #require(template.place(of: "a")) == (1, 8))
        #expect(try #require(template.place(of: "c")) == (2, 27))
        #expect(template.place(of: "b") == nil)
        #expect(try #require(TemplateExpression("1 +\n a").place(of: "a")) == (2, 2))
    }
}
