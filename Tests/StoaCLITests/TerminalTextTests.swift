import StoaCLI
import Testing

@Suite struct TerminalTextTests {
    @Test func `no control character passes and everything else stays`() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let shown = TerminalText.harmless(String(Character(scalar))).unicodeScalars
            let isControl = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
            let turns = (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value)
            if isControl || turns {
                #expect(shown.first.map { $0 == "\u{FFFD}" || (0x2400...0x2421).contains($0.value) } == true)
            } else if shown.first != scalar {
                Issue.record("U+\(String(value, radix: 16)) was changed")
            }
        }
    }

    @Test func `an escape sequence becomes visible`() {
        #expect(TerminalText.harmless("a\u{1B}[2Jb\r\n\u{9B}31m") == "a␛[2Jb␍\n\u{FFFD}31m")
    }

    @Test func `styles reach a coloured terminal, sequences inside a text do not`() {
        let text = StyledText("a\u{1B}[0m", .red) + "b\u{7}"
        #expect(text.rendered(colored: true, terminal: true) == "\u{1B}[31ma␛[0m\u{1B}[0mb␇")
        #expect(text.rendered(colored: false, terminal: true) == "a␛[0mb␇")
        #expect(text.rendered(colored: false, terminal: false) == "a\u{1B}[0mb\u{7}")
        #expect(text.plain == "a\u{1B}[0mb\u{7}")
    }

    @Test func `columns line up and lines have no trailing spaces`() {
        var table = TextTable(.leading, .trailing, .leading)
        table.add("a", "100", StyledText("x", .bold))
        table.add("long", "9", "")
        table.add("", "", "y")
        #expect(table.text.plain == "a     100  x\nlong    9\n           y")
    }
}
