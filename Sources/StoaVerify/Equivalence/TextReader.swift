/// Answers in words.
enum TextReader {
    /// The words of a text, in the form in which they are compared; nil for what is no text, as a broken formula.
    ///
    /// Capitals, spaces, quotation marks and the full stops of abbreviations mean nothing. Several answers that commas part
    /// are in no order.
    static func meaning(of bytes: [UInt8]) -> Meaning? {
        guard let plain = plain(bytes) else { return nil }
        let parts = plain.split(separator: ",", omittingEmptySubsequences: true).map { words(String($0)) }
        guard parts.allSatisfy({ !$0.isEmpty }), parts.contains(where: isText) else { return nil }
        return parts.count == 1 ? .text(parts[0]) : .list(parts.map { .text($0) })
    }

    /// A text without the LaTeX of text; nil where other commands, or signs of formulas, are in it.
    private static func plain(_ bytes: [UInt8]) -> String? {
        var scanner = TextScanner(bytes)
        var result: [UInt8] = []
        var brackets = 0
        var braces = 0
        while let byte = scanner.next {
            if scanner.skipSpaces() {
                result.append(0x20)
                continue
            }
            if byte == 0x5C {
                guard scanner.take(anyOf: commands) else { return nil }
                continue
            }
            scanner.position += 1
            switch byte {
            case UInt8(ascii: "{"): braces += 1
            case UInt8(ascii: "}"): braces -= 1
            case UInt8(ascii: "("), UInt8(ascii: ")"):
                brackets += byte == UInt8(ascii: "(") ? 1 : -1
                result.append(byte)
            case 0x0A, 0x0D, UInt8(ascii: "$"): result.append(0x20)
            case UInt8(ascii: "\""), UInt8(ascii: "'"): break
            case UInt8(ascii: "."):
                // Of abbreviations, not of numbers.
                if scanner.isAtDigit { result.append(byte) }
            case _ where byte.isLetter || byte.isDigit || byte.isBeyondASCII: result.append(byte)
            case _ where marks.contains(byte): result.append(byte)
            default: return nil
            }
            guard brackets >= 0, braces >= 0 else { return nil }
        }
        guard brackets == 0, braces == 0 else { return nil }
        return String(decoding: result, as: UTF8.self)
    }

    private static let commands = [
        "\\text", "\\mathrm", "\\textbf", "\\mbox", "\\textrm", "\\textit", "\\textnormal", "\\quad", "\\&", "\\%",
    ]
    private static let marks = Set(",:;!?&-–/%".utf8)

    private static func words(_ text: String) -> String {
        text.lowercased().split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }

    /// Whether a text has a word: two letters that stand together.
    private static func isText(_ text: String) -> Bool {
        var run = 0
        for character in text {
            run = character.isLetter ? run + 1 : 0
            if run == 2 { return true }
        }
        return false
    }
}
