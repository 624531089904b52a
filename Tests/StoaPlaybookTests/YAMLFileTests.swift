import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestKit
import Testing

@testable import StoaPlaybook

@Suite struct YAMLFileTests {
    private func read(_ text: String) -> YAMLFile { YAMLFile(Array(text.utf8), file: "f") }

    @Test(arguments: [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("1_000", "1_000"), ("12:30", "12:30"),
        ("2020-01-01", "2020-01-01"), (".inf", ".inf"), (".nan", ".nan"), ("0b1", "0b1"), ("1e", "1e"), ("-", "-"),
        (".", "."), ("+", "+"), ("0x", "0x"), ("0x-1", "0x-1"), ("1.2.3", "1.2.3"), ("1e999", "1e999"), ("<<", "<<"),
    ])
    func `a word that only older versions of YAML give a meaning to is a text`(word: String, text: String) {
        #expect(YAMLScalar.value(of: word) == .string(text))
    }

    @Test func `words of the core schema have their meaning`() {
        let values: [(String, JSONValue)] = [
            ("", .null), ("~", .null), ("null", .null), ("true", true), ("False", false), ("0", 0), ("-7", -7),
            ("+7", 7), ("007", 7), ("0x1F", 31), ("0o17", 15), ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0),
            ("-1.5E-1", -0.15), ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(0x1p63)),
        ]
        for (word, value) in values { #expect(YAMLScalar.value(of: word) == value, "\(word)") }
    }

    @Test func `quotes and blocks make texts of everything`() {
        let value = read("a: \"true\"\nb: '1'\nc: |\n  5\nd: >\n  null\n").value
        #expect(value == ["a": "true", "b": "1", "c": "5\n", "d": "null\n"])
    }

    @Test func `a file of nested aliases is refused at once`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<40 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let file = read(text + "? *a39\n: x\n")
        #expect(file.value == nil)
        #expect(
            file.problems.map(\.description) == [
                "f:1:1: the file has 391 aliases, at most 10 are allowed"
                    + " (put what is shared into a file of its own and name it with 'use')"
            ])
    }

    @Test func `a star and an ampersand in a text are no aliases`() {
        let text = String(repeating: "*bold* and *italic* ", count: 50)
        #expect(read("a: \"\(text)\"").value?["a"] == .string(text))
    }

    @Test func `what aliases stand for is counted as often as it is used`() {
        let items = Array(repeating: "x", count: 2000).joined(separator: ", ")
        var text = "a: &a [\(items)]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b, *b]\n"
        text += "d: [*b]\n"
        #expect(read(text).problems.map(\.message) == ["the file has more than 20000 values"])
    }

    @Test func `deep nesting is refused`() {
        let shallow = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        #expect(read(shallow).problems == [])
        let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
        #expect(read(deep).problems.map(\.message) == ["nested deeper than 64 levels"])
        for count in [999, 1001, 100_000] {
            #expect(read(String(repeating: "[", count: count)).problems.count == 1)
            #expect(read(String(repeating: "- ", count: count)).problems.count == 1)
            #expect(read(String(repeating: "{a: ", count: count)).problems.count == 1)
        }
    }

    @Test func `a place inside a text is a place in the file`() throws {
        let text = """
            plain: one {{ x }}
            single: 'it''s {{ x }}'
            double: "a\\n\\tb {{ x }}"
            block: |

              first

                {{ x }}
            list:
              - {key: "{{ x }}"}

            """
        let file = read(text)
        #expect(file.problems == [])
        let paths = [
            PlanPath()["plain"], PlanPath()["single"], PlanPath()["double"], PlanPath()["block"],
            PlanPath()["list"][0]["key"],
        ]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for path in paths {
            // Where the template finds the name in the text, the file must have it too.
            var value = try #require(file.value)
            for component in path.components {
                switch component {
                case .key(let key): value = try #require(value[key])
                case .index(let index): value = try #require(value.arrayValue?[index])
                }
            }
            let source = try #require(value.stringValue)
            let inner = try #require(Template(source).place(of: "x"))
            let place = PlanProblem.Place(line: inner.line, column: inner.column)
            let position = try #require(file.map.position(of: PlanProblem(path: path, message: "", place: place)))
            #expect(lines[position.line - 1].dropFirst(position.column - 1).hasPrefix("x }}"), "\(path)")
        }
    }
}
