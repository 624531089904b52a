/// Numbers that their author calls the answer.
enum MarkedAnswers {
    /// How many places are looked at, from the end; a text with more of them is no text.
    private static let attempts = 64

    // MARK: - Hashes

    /// The number behind the last `####` that has one.
    static func lastHashes(in bytes: [UInt8]) -> Range<Int>? {
        var tries = 0
        var end = bytes.count
        while let place = lastIndex(of: hashes, in: bytes, before: end), tries < attempts {
            tries += 1
            let line = place + hashes.count..<lineEnd(in: bytes, from: place)
            if isNumber(bytes, line) { return line }
            end = place
        }
        return nil
    }

    private static let hashes = Array("####".utf8)

    // MARK: - Phrases

    private static let word = Array("answer".utf8)

    /// The number behind the last `answer is`, `answer:` or `answer =`: with its unit where it is all that follows in its
    /// line, else the first number of the line.
    ///
    /// A denial is no answer.
    static func lastPhrase(in bytes: [UInt8]) -> Range<Int>? {
        var tries = 0
        var end = bytes.count
        while let place = lastIndex(of: word, in: bytes, before: end), tries < attempts {
            tries += 1
            if let found = phrase(in: bytes, at: place) { return found }
            end = place
        }
        return nil
    }

    private static func phrase(in bytes: [UInt8], at place: Int) -> Range<Int>? {
        var scanner = TextScanner(bytes, from: place + word.count, to: lineEnd(in: bytes, from: place))
        scanner.skipMarkup()
        guard scanner.take(anyOf: ["is", "Is", "IS", "would be", "will be", "must be", ":", "="]) else { return nil }
        scanner.skipMarkup()
        _ = scanner.take(":")
        scanner.skipMarkup()
        guard !scanner.starts(with: "not") else { return nil }
        let rest = scanner.position..<scanner.end
        if isNumber(bytes, rest) { return rest }
        return LooseNumbers.first(in: bytes, rest)
    }

    // MARK: - Searching

    private static func isNumber(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        range.count <= NumberLimits.textBytes && NumericAnswer(String(decoding: bytes[range], as: UTF8.self)) != nil
    }

    private static func lineEnd(in bytes: [UInt8], from place: Int) -> Int {
        // A longer line holds no answer that would not be found in its beginning.
        let limit = min(bytes.count, place + 4 * NumberLimits.textBytes)
        return bytes[place..<limit].firstIndex(of: 0x0A) ?? limit
    }

    /// The last place before `end` where a word begins, in letters of either case.
    private static func lastIndex(of word: [UInt8], in bytes: [UInt8], before end: Int) -> Int? {
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

extension TextScanner {
    /// Steps over spaces, emphasis and brackets of formulas.
    fileprivate mutating func skipMarkup() {
        while skipSpaces() || take(anyOf: ["**", "__", "\\(", "\\["]) {}
    }
}
