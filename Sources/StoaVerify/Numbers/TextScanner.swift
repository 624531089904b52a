/// A position in a text of UTF-8 bytes, and what can be read there.
///
/// It knows the spellings of signs and spaces that prose and LaTeX have; everything built on it takes one step to the
/// right at a time and goes back at most to where a number began.
struct TextScanner {
    let bytes: [UInt8]
    var position: Int
    let end: Int

    init(_ bytes: [UInt8], from start: Int = 0, to end: Int? = nil) {
        self.bytes = bytes
        position = start
        self.end = end ?? bytes.count
    }

    init(_ text: some StringProtocol) { self.init(Array(text.utf8)) }

    var isAtEnd: Bool { position >= end }
    /// The next byte; nil at the end.
    var next: UInt8? { position < end ? bytes[position] : nil }
    var isAtDigit: Bool { next.map(\.isDigit) ?? false }
    var isAtLetter: Bool { next.map(\.isLetter) ?? false }

    func byte(_ offset: Int) -> UInt8? {
        let place = position + offset
        return place >= 0 && place < end ? bytes[place] : nil
    }

    func starts(with text: String) -> Bool {
        var place = position
        for byte in text.utf8 {
            guard place < end, bytes[place] == byte else { return false }
            place += 1
        }
        return true
    }

    /// Steps over a text; false, with nothing changed, where it is not there.
    mutating func take(_ text: String) -> Bool {
        guard starts(with: text) else { return false }
        position += text.utf8.count
        return true
    }

    /// Steps over the first of several texts that is there.
    mutating func take(anyOf texts: [String]) -> Bool {
        for text in texts where take(text) { return true }
        return false
    }

    /// The text between two positions.
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// Spaces of prose and of LaTeX, but no line breaks.
    private static let spaces = [
        "\t", "\u{A0}", "\u{2009}", "\u{202F}", "\\,", "\\;", "\\:", "\\!", "\\ ", "~",
    ]

    /// Steps over spaces.
    ///
    /// - Returns: whether there were any.
    @discardableResult
    mutating func skipSpaces() -> Bool {
        let start = position
        while let byte = next {
            if byte == 0x20 {
                position += 1
            } else if byte.isDigit || byte.isLetter || !take(anyOf: Self.spaces) {
                break
            }
        }
        return position > start
    }

    /// Steps over a sign.
    ///
    /// - Returns: -1 or 1; nil where there is none.
    mutating func takeSign() -> Int? {
        if take(anyOf: ["-", "\u{2212}"]) { return -1 }
        return take("+") ? 1 : nil
    }
}

extension UInt8 {
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
    /// Whether the byte is part of a character beyond ASCII.
    var isBeyondASCII: Bool { self >= 0x80 }
}
