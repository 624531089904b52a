import OrderedCollections
import StoaCore
import Testing

@Suite struct TemplateProvenanceTests {
    /// Context text is in capitals, template text in small letters, so that a segment shows where it came from.
    private static let context: OrderedDictionary<String, TemplateValue> = [
        "u": .string(TemplateString("USER")), "t": .trusted("trust"), "n": 7,
        "l": .list([.string(TemplateString("A")), .string(TemplateString("B"))]),
        "d": TemplateValue(.object(["KEY": "VALUE"])), "sp": .string(TemplateString("  PAD  ")),
        "m": TemplateValue(.array([.object(["role": "user", "content": "HI"])])),
    ]

    private func segments(_ source: String) throws -> [TemplateSegment] {
        try Template(source).renderSegments(context: Self.context).segments
    }

    @Test(arguments: [
        ("a{{ u }}b", "a[USER]b"), ("{{ 'a' + u + 'b' }}", "a[USER]b"), ("{{ 'a' ~ u ~ 'b' }}", "a[USER]b"),
        ("{{ t }}{{ u }}", "trust[USER]"), ("{{ sp|trim }}x", "[PAD]x"), ("{{ sp.strip() }}x", "[PAD]x"),
        ("{{ ('a' ~ u ~ 'b')[1:-1] }}", "[USER]"), ("{{ ('a' ~ u ~ 'b')[::-1] }}", "b[RESU]a"),
        ("{{ ('a' ~ u ~ 'b')[0] }}", "a"), ("{{ ('ab' ~ u)[1:4] }}", "b[US]"),
        ("{{ 'a-b'|replace('-', u) }}", "a[USER]b"), ("{{ u|replace('SE', '-x-') }}", "[U]-x-[R]"),
        ("{{ 'a-b'.replace('-', u, 1) }}", "a[USER]b"), ("{{ l|join('-') }}", "[A]-[B]"),
        ("{{ '-'.join(l) }}", "[A]-[B]"), ("{{ ('x ' ~ u ~ ' y').split()|join('+') }}", "x+[USER]+y"),
        ("{{ ('x' ~ u)|lower }}", "x[user]"), ("{{ ('x' ~ u).upper() }}", "X[USER]"),
        ("{{ ('x' ~ u)|capitalize }}", "X[user]"), ("{{ 'a%sb'|format(u) }}", "a[USER]b"),
        ("{{ 'a%sb' % u }}", "a[USER]b"), ("{{ '{}-{}'.format(u, 'b') }}", "[USER]-b"),
        ("{{ '<{0}>'.format(l[0]) }}", "<[A]>"), ("{{ u * 2 }}-{{ 'a' * 2 }}", "[USERUSER]-aa"),
        ("{% set x %}a{{ u }}b{% endset %}{{ x }}", "a[USER]b"),
        ("{% filter upper %}a{{ u }}b{% endfilter %}", "A[USER]B"),
        ("{% macro f(x) %}<{{ x }}>{% endmacro %}{{ f(u) }}{{ f('y') }}", "<[USER]><y>"),
        ("{% macro f() %}<{{ caller() }}>{% endmacro %}{% call f() %}a{{ u }}{% endcall %}", "<a[USER]>"),
        ("{% for c in u %}{{ c }}-{% endfor %}", "[U]-[S]-[E]-[R]-"), ("{{ u|list|join }}", "[USER]"),
        ("{{ d }}", "[{'KEY': 'VALUE'}]"), ("{{ d|tojson }}", "[{\"KEY\": \"VALUE\"}]"), ("{{ n }}", "[7]"),
        ("{{ ['a'] }}", "[['a']]"), ("{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "[KEY]=[VALUE];"),
        ("{{ u|indent(2, true) }}", "[  USER]"), ("{{ ('a' ~ u)|center(9) }}", "  a[USER]  "),
        ("{{ m[0].role }}{{ m[0]['content'] }}", "[userHI]"), ("{{ u|default('x') }}{{ q|default('x') }}", "[USER]x"),
        ("{{ '<' ~ (u if u else 'x') ~ '>' }}", "<[USER]>"), ("{{ u.partition('S')|join('.') }}", "[U].S.[ER]"),
        ("{{ ('a\n' ~ u).splitlines()|join('|') }}", "a|[USER]"), ("{{ u|e }}{{ '<'|e }}", "[USER]&lt;"),
        ("{{ ('x' ~ u)|reverse }}", "[RESU]x"), ("{{ u|safe ~ 'x' }}", "[USER]x"),
        ("{{ ('b' ~ u)|truncate(2, true, '', 0) }}", "b[U]"), ("{{ (u ~ 'a').removeprefix('US') }}", "[ER]a"),
        ("{% generation %}a{{ u }}{% endgeneration %}", "a[USER]"), ("{{ u|string|trim|first }}x", "[U]x"),
        ("{% set ns = namespace(x='') %}{% set ns.x = ns.x ~ 'a' ~ u %}{{ ns.x }}", "a[USER]"),
        ("{{ dict(a=u)['a'] }}{{ dict(a='b').a }}", "[USER]b"), ("{{ loop_is_undefined }}a", "a"),
        ("{{ dict(**d)|join }}", "[KEY]"),
        ("{% macro f() %}{{ kwargs|join }}{% endmacro %}{{ f(**d) }}", "[KEY]"),
        ("{{ u|urlencode }}{{ 'a b'|urlencode }}", "[USER]a%20b"), ("{{ (u, 'x')|last }}{{ [u]|first }}", "x[USER]"),
    ])
    func `every operation keeps the provenance of every character`(_ source: String, _ expected: String) throws {
        let shown = try segments(source).map { $0.isTrusted ? $0.text : "[\($0.text)]" }.joined()
        #expect(shown == expected, "\(source)")
    }

    @Test func `segments join to the rendered text and alternate`() throws {
        let goldens = try TemplateGoldens()
        for golden in goldens.cases where golden.text != nil {
            let template = try Template(golden.source, options: golden.options)
            let text = try template.render(context: goldens.context, now: TemplateGoldens.now)
            let output = try template.renderSegments(context: goldens.context, now: TemplateGoldens.now)
            #expect(output.text == text)
            #expect(output.segments.allSatisfy { !$0.text.isEmpty })
            #expect(zip(output.segments, output.segments.dropFirst()).allSatisfy { $0.isTrusted != $1.isTrusted })
        }
    }

    @Test func `no operation of the corpus makes context text trusted`() throws {
        // U+2603 stands in no template: wherever it appears, it came from the context.
        let goldens = try TemplateGoldens()
        func marked(_ value: TemplateValue) -> TemplateValue {
            switch value {
            case .string(let text): return .string(TemplateString(text.text + "\u{2603}"))
            case .sequence(let sequence): return .list(sequence.elements.map(marked))
            case .dictionary(let dictionary):
                var result: OrderedDictionary<String, TemplateValue> = [:]
                for (key, value) in dictionary.members {
                    if case .string(let name) = key { result[name.text] = marked(value) }
                }
                return .dictionary(result)
            default: return value
            }
        }
        var context = goldens.context
        for (name, value) in context { context[name] = marked(value) }
        var marks = 0
        for golden in goldens.cases {
            guard let template = try? Template(golden.source, options: golden.options),
                let output = try? template.renderSegments(context: context, now: TemplateGoldens.now)
            else { continue }
            for segment in output.segments where segment.text.unicodeScalars.contains("\u{2603}") {
                marks += 1
                #expect(!segment.isTrusted, "\(golden.name): \(segment.text)")
            }
        }
        #expect(marks > 150)
    }

    @Test func `generation tags report their stretches`() throws {
        let template = try Template("é{% generation %}a{{ u }}{% endgeneration %}b{% generation %}c{% endgeneration %}")
        let output = try template.renderSegments(context: Self.context)
        #expect(output.text == "éaUSERbc")
        #expect(output.generations == [2..<7, 8..<9])
    }
}
