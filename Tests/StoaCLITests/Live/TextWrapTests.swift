import StoaCLI
import Testing

@Suite struct TextWrapTests {
    @Test(arguments: UInt64(0)..<100)
    func `breaking a text changes nothing but blanks`(_ seed: UInt64) {
        var updates = RandomUpdates(seed: seed)
        let text = updates.text() + updates.text()
        let width = 10 + updates.below(60)
        let lines = TextWrap.lines(text, width: width)
        #expect(lines.allSatisfy { CellWidth.of($0) <= width })
        func solid(_ text: String) -> String.UnicodeScalarView {
            String.UnicodeScalarView(text.unicodeScalars.filter { $0 != " " && $0 != "\n" })
        }
        // Joined families are wider than the narrowest of these lines may be.
        guard TextWrap.clean(text).allSatisfy({ CellWidth.of($0) <= width }) else { return }
        #expect(Array(solid(lines.joined())) == Array(solid(TextWrap.clean(text))))
    }

    @Test func `words stay whole where they fit`() {
        #expect(TextWrap.lines("one two three", width: 7) == ["one two", "three"])
        #expect(TextWrap.lines("incomprehensible", width: 6) == ["incomp", "rehens", "ible"])
        #expect(TextWrap.lines("a\r\nb\n\nc", width: 9) == ["a", "b", "", "c"])
        #expect(TextWrap.lines("日本語です", width: 5) == ["日本", "語で", "す"])
        #expect(TextWrap.lines("日", width: 1) == ["?"])
        #expect(TextWrap.lines("", width: 5) == [""])
    }

    @Test(arguments: [
        ("a", 1), ("é", 1), ("e\u{301}", 1), ("日", 2), ("ｆ", 2), ("한", 2), ("👍", 2), ("👍🏽", 4), ("☺", 1),
        ("☺\u{FE0F}", 2),
        ("⌚", 2), ("\u{200B}", 0), ("─", 1), ("│", 1), ("✓", 1), ("●", 1), ("⠙", 1), ("▰", 1), ("∑", 1), ("€", 1),
        ("ї", 1),
        ("א", 1), ("\u{AD}", 1),
    ])
    func `characters take the cells that terminals give them`(_ text: String, _ cells: Int) {
        #expect(CellWidth.of(text) == cells)
    }

    @Test func `a text for one line is cut with a mark`() {
        #expect(TextWrap.line("one\ntwo three", width: 9) == "one two …")
        #expect(TextWrap.line("one", width: 3) == "one")
        #expect(TextWrap.line("four", width: 3) == "fo…")
        #expect(TextWrap.line("four", width: 0) == "")
    }
}
