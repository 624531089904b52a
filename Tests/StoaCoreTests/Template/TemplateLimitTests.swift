import Foundation
import OrderedCollections
import StoaCore
import Testing

@Suite struct TemplateLimitTests {
    /// What rendering a source gives when it runs on a thread with a quarter of the usual stack.
    private func outcome(
        _ source: String, options: TemplateOptions = TemplateOptions()
    ) async -> Result<String, TemplateError> {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                let result = Result { () throws(TemplateError) in
                    try Template(source, options: options).render(context: ["xs": [1, 2, 3], "s": "text", "zero": 0])
                }
                continuation.resume(returning: result)
            }
            thread.stackSize = 2 << 20
            thread.start()
        }
    }

    private static func nested(_ open: String, _ middle: String, _ close: String, _ count: Int) -> String {
        String(repeating: open, count: count) + middle + String(repeating: close, count: count)
    }

    private static let hostile: [String] = [
        "{{ 'x' * 10 ** 9 }}", "{{ 'x' * 9223372036854775807 }}", "{{ [0] * 10 ** 9 }}", "{{ range(10 ** 9) }}",
        "{{ range(-9223372036854775807, 9223372036854775807) }}",
        "{{ 10 ** 10 ** 10 }}", "{{ 9 ** 99 }}", "{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}",
        "{{ 4611686018427387904 * 2 }}", "{{ (-9223372036854775807 - 1) // -1 }}",
        "{{ -(-9223372036854775807 - 1) }}", "{{ (-9223372036854775807 - 1)|abs }}", "{{ 1e30|int }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(n) %}{% for x in [1, 2] %}{{ f(n + 1) }}{% endfor %}{% endmacro %}{{ f(0) }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{{ 'x' * 10000 }}{% endfor %}",
        "{% set ns = namespace(s='xy') %}{% for a in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s='xy') %}{% for a in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s='xy') %}{% for a in range(99) %}{% set ns.s = ns.s|replace('x', 'xx') %}{% endfor %}",
        "{% set ns = namespace(s='xy') %}{% for a in range(99) %}{% set ns.s = ns.s.join([ns.s, ns.s]) %}{% endfor %}",
        "{% set ns = namespace(s='xy') %}{% for a in range(99) %}{% set ns.s = '%s%s' % (ns.s, ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='xy') %}{% for a in range(99) %}{% set ns.s = '{0}{0}'.format(ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='xy') %}{% for a in range(99) %}{% set ns.s %}{{ ns.s }}{{ ns.s }}{% endset %}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for a in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for a in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for a in range(99999) %}{% set ns.l = {'a': ns.l} %}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for a in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
        "{% set ns = namespace(l=[1]) %}{% for a in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|tojson }}",
        "{% set ns = namespace(l=[1]) %}{% for a in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l == ns.l }}",
        "{% set ns = namespace(l=(1,)) %}{% for a in range(60) %}{% set ns.l = (ns.l, ns.l) %}{% endfor %}{{ {ns.l: 1} }}",
        "{% set ns = namespace() %}{% set ns.l = ns %}{{ ns }}",
        "{{ 'x'.center(10 ** 12) }}", "{{ 'x'.ljust(10 ** 12) }}", "{{ 'x'.zfill(10 ** 12) }}",
        "{{ 'x'|indent(10 ** 12) }}", "{{ 'x'|center(10 ** 12) }}", "{{ '\t'.expandtabs(10 ** 12) }}",
        "{{ '%1000000000d' % 1 }}", "{{ '%.1000000000f' % 1 }}", "{{ '{:1000000000}'.format(1) }}",
        "{{ '{:.1000000000f}'.format(1.5) }}", "{{ '%*d' % (10 ** 12, 1) }}", "{{ [1]|batch(10 ** 12, 0)|list }}",
        "{{ [1]|slice(10 ** 12)|list }}", "{{ [[]]|tojson(indent=10 ** 12) }}", "{{ 1.5|round(10 ** 12) }}",
        "{{ xs|map('center', 10 ** 12)|list }}", "{{ ('a' * 100000).replace('', 'b' * 100000) }}",
        "{{ ('a' * 100000).split('a')|join('b' * 100000) }}",
        "{{ " + nested("(", "1", ")", 10_000) + " }}",
        "{{ " + nested("[", "1", "]", 10_000) + " }}", "{{ " + nested("{1:", "1", "}", 10_000) + " }}",
        "{{ " + nested("not ", "1", "", 10_000) + " }}", "{{ " + nested("-", "1", "", 10_000) + " }}",
        "{{ 1" + nested(" + 1", "", "", 10_000) + " }}", "{{ 1" + nested(" ** 1", "", "", 10_000) + " }}",
        "{{ 1" + nested(" and 1", "", "", 10_000) + " }}", "{{ 1" + nested(" if 1 else 1", "", "", 10_000) + " }}",
        "{{ 1" + nested(" if 1", "", "", 10_000) + " }}", "{{ s" + nested(".upper()", "", "", 10_000) + " }}",
        "{{ s" + nested("|upper", "", "", 10_000) + " }}", "{{ s" + nested("[0]", "", "", 10_000) + " }}",
        "{{ s" + nested(" is string", "", "", 10_000) + " }}", "{{ " + nested("f(", "1", ")", 10_000) + " }}",
        "{{ " + nested("xs[", "0", "]", 10_000) + " }}", "{{ xs[" + nested("xs[0:", "0", "]", 10_000) + "] }}",
        nested("{% if 1 %}", "x", "{% endif %}", 10_000), nested("{% for a in xs %}", "", "{% endfor %}", 10_000),
        nested("{% filter upper %}", "", "{% endfilter %}", 10_000), nested("{% set a %}", "", "{% endset %}", 10_000),
        nested("{% macro a() %}", "", "{% endmacro %}", 10_000),
        "{% set " + nested("(", "a", ",)", 10_000) + " = 1 %}", "{{ " + nested("(", "", "", 10_000),
        "{% set f = '{:' ~ '{:' * 10000 ~ '}' * 10001 %}{{ f.format() }}",
        "{{ (1, (2, 3)) * 10 ** 6 }}", "{{ 'a'.join('b' * 10 ** 7)|length }}{{ 'c' * 10 ** 7 * 2 }}",
    ]

    @Test(.timeLimit(.minutes(30))) func `no template runs away, on a small stack either`() async {
        var options = TemplateOptions()
        options.limits.steps = 100_000
        for source in Self.hostile {
            let outcome = await outcome(source, options: options)
            guard case .failure(let error) = outcome else {
                Issue.record("\(source.prefix(80)) was not refused")
                continue
            }
            #expect(error.line == 1, "\(source.prefix(80)): \(error)")
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `the deepest template that is accepted runs on a small stack`() async throws {
        for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("not ", ""), ("-", "")] {
            var deepest = 0
            for count in 1...120 {
                let source = "{% macro f(a) %}{{ a }}{% endmacro %}{{ \(Self.nested(open, "1", close, count)) }}"
                guard case .success = await outcome(source) else { break }
                deepest = count
            }
            #expect(deepest >= 25, "\(open)")
        }
        let recursive = "{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}"
        #expect(try await outcome(recursive + "{{ f(25) }}").get() == "")
        let broken = await outcome(recursive + "{{ f(1000) }}")
        #expect(throws: TemplateError.self) { try broken.get() }
    }

    @Test func `limits are errors of their own kind, and say which limit`() {
        let error = #expect(throws: TemplateError.self) {
            var options = TemplateOptions()
            options.limits.steps = 100
            _ = try Template("a\n  {% for x in range(1000) %}{% endfor %}", options: options).render(context: [:])
        }
        #expect(error?.code == .limit)
        #expect(error?.kind == .budget)
        #expect(
            error?.message
                == "template <template>:2:20: more than 100 steps of work, at \"  {% for x in range(1000) %}{% endfor %}\""
        )
        #expect(error?.hint == "raise the limit in TemplateLimits if the template can be trusted")
    }

    @Test func `output is bounded`() throws {
        var options = TemplateOptions()
        options.limits.bytes = 1000
        let template = try Template("{% for x in range(n) %}0123456789{% endfor %}", options: options)
        #expect(try template.render(context: ["n": 100]).utf8.count == 1000)
        let error = #expect(throws: TemplateError.self) { try template.render(context: ["n": 101]) }
        #expect(error?.code == .limit)
    }

    @Test func `a context nested too deeply is refused`() throws {
        var value: TemplateValue = 1
        for _ in 0..<400 { value = .list([value]) }
        let template = try Template("{{ x }}")
        let error = #expect(throws: TemplateError.self) { try template.render(context: ["x": value]) }
        #expect(error?.code == .limit)
    }
}
