/// The answer that a text states: boxed, behind `####`, as `the answer is …`, or the text itself.
///
/// Unlike `FinalAnswer` it takes no number that nobody marked: what an answer is compared as, it has to say.
struct StatedAnswer: Sendable, Hashable {
    /// The answer; empty where a box is.
    var text: String
    /// What marked it; nil for the text itself.
    var rule: FinalAnswer.Rule?

    /// Looks for the answer; nil in a text that is empty, or long without marking any.
    ///
    /// Complexity: linear in the text's last `NumberLimits.windowBytes`.
    init?(in text: String) {
        let isShort = text.utf8.count <= EquivalenceLimits.textBytes
        let bytes = text.window
        if let box = bytes.contains(0x5C) ? BoxedAnswers.last(in: bytes) : nil {
            self.init(bytes, box, .boxed)
        } else if let line = Self.hashes(in: bytes) {
            self.init(bytes, line, .hashes)
        } else if let phrase = Self.phrase(in: bytes) {
            self.init(bytes, phrase, .phrase)
        } else {
            guard isShort else { return nil }
            self.init(bytes, bytes.indices, nil)
            if self.text.isEmpty { return nil }
        }
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>, _ rule: FinalAnswer.Rule?) {
        text = String(decoding: bytes[AnswerWrapping.trimmed(bytes, range)], as: UTF8.self)
        self.rule = rule
    }

    /// An answer without what stands around it, a comma at its end included.
    static func bare(_ bytes: [UInt8]) -> [UInt8] {
        var inner = AnswerWrapping.unwrapped(bytes)
        for _ in 0..<4 {
            guard let last = inner.last, last == UInt8(ascii: ",") || last == UInt8(ascii: ";"),
                inner.suffix(2) != [0x5C, last]
            else { break }
            inner = AnswerWrapping.unwrapped(Array(inner.dropLast()))
        }
        return inner
    }

    // MARK: - Marks

    /// What stands behind the last `####`.
    private static func hashes(in bytes: [UInt8]) -> Range<Int>? {
        guard let place = last("####", in: bytes, before: bytes.count) else { return nil }
        let line = place + 4..<(bytes[place...].firstIndex(of: 0x0A) ?? bytes.count)
        return AnswerWrapping.trimmed(bytes, line).isEmpty ? nil : line
    }

    /// How many places are looked at, from the end.
    private static let attempts = 64

    /// What stands behind the last `answer is` or `answer:`.
    private static func phrase(in bytes: [UInt8]) -> Range<Int>? {
        var end = bytes.count
        for _ in 0..<attempts {
            guard let place = last("answer", in: bytes, before: end) else { return nil }
            if let found = phrase(in: bytes, from: place + 6) { return found }
            end = place
        }
        return nil
    }

    private static func phrase(in bytes: [UInt8], from start: Int) -> Range<Int>? {
        var scanner = TextScanner(bytes, from: start, to: bytes[start...].firstIndex(of: 0x0A) ?? bytes.count)
        func skipMarkup(_ scanner: inout TextScanner) {
            while scanner.skipSpaces() || scanner.take("**") || scanner.take("__") {}
        }
        skipMarkup(&scanner)
        let isSaid = scanner.take(anyOf: ["is", "Is", "IS", "would be", "will be", "must be", "="])
        skipMarkup(&scanner)
        guard scanner.take(":") || isSaid else { return nil }
        skipMarkup(&scanner)
        guard !scanner.starts(with: "not"), !scanner.isAtEnd else { return nil }
        for (open, close) in [("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")] where scanner.take(open) {
            // Behind a formula, nothing but the end of the sentence: `$1$ or $2$` goes on.
            let first = scanner.position
            guard let last = range(of: close, in: bytes, first..<scanner.end) else { break }
            var behind = TextScanner(bytes, from: last + close.utf8.count, to: scanner.end)
            skipMarkup(&behind)
            if behind.isAtEnd || behind.take(".") { return first..<last }
            scanner.position = first - open.utf8.count
            break
        }
        var end = sentenceEnd(bytes, scanner.position..<scanner.end)
        // The end of an emphasis that began before.
        while end > scanner.position, [0x20, 0x2A].contains(bytes[end - 1]) { end -= 1 }
        return scanner.position < end ? scanner.position..<end : nil
    }

    /// The full stop that ends a sentence; the end where there is none.
    private static func sentenceEnd(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        range.first { place in
            bytes[place] == 0x2E && place + 1 < range.upperBound && bytes[place + 1] == 0x20
                && place > range.lowerBound + 1 && !(bytes[place - 2] == 0x2E || bytes[place - 2] == 0x20)
        } ?? range.upperBound
    }

    private static func range(of part: String, in bytes: [UInt8], _ range: Range<Int>) -> Int? {
        let part = Array(part.utf8)
        return range.first { bytes[$0] == part[0] && bytes[$0..<range.upperBound].starts(with: part) }
    }

    /// The last place before `end` where a word stands, in letters of either case.
    private static func last(_ word: String, in bytes: [UInt8], before end: Int) -> Int? {
        let word = Array(word.utf8)
        var place = min(end, bytes.count) - word.count
        while place >= 0 {
            if bytes[place] | 0x20 == word[0] | 0x20,
                (1..<word.count).allSatisfy({ bytes[place + $0] | 0x20 == word[$0] | 0x20 })
            {
                return place
            }
            place -= 1
        }
        return nil
    }
}
