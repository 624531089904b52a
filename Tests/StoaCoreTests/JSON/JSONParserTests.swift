import StoaCore
import Testing

@Suite struct JSONParserTests {
    @Test(arguments: [
        "null", "true", "-0", "12", "-9223372036854775808", "1.5", "1e300", "\"a\\u00e9\\n\\ud83d\\ude00\"",
        "[1,[2,{\"a\":[]}],\"\"]", "{\"b\":1,\"a\":{\"x\":null}}",
    ])
    func `text of a parsed document parses to the same value`(_ text: String) throws {
        let value = try JSONParser.parse(text)
        #expect(try JSONParser.parse(value.text) == value)
        #expect(try JSONParser.parse(value.canonicalText).canonicalText == value.canonicalText)
    }

    @Test func `order of members is kept and canonical text sorts them`() throws {
        let value = try JSONParser.parse("{\"b\":1,\"a\":2}")
        #expect(value.text == "{\"b\":1,\"a\":2}")
        #expect(value.canonicalText == "{\"a\":2,\"b\":1}")
    }

    @Test(arguments: [
        ("", 1, 1), ("[1,]", 1, 4), ("{\"a\" 1}", 1, 6), ("[\n 01]", 2, 2), ("\"a", 1, 1), ("tru", 1, 1),
        ("1 2", 1, 3), ("[1e999]", 1, 2), ("\"\u{01}\"", 1, 2), ("\"\\x\"", 1, 3),
    ])
    func `errors name the place`(_ text: String, _ line: Int, _ column: Int) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
    }

    @Test func `deep nesting is refused, not a crash`() {
        #expect(throws: JSONError.self) { try JSONParser.parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test func `lone surrogates become the replacement character`() throws {
        #expect(try JSONParser.parse("\"\\ud800x\"") == .string("\u{FFFD}x"))
    }
}
