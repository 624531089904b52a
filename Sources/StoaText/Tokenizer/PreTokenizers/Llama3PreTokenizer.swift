/// Llama 3's pattern.
///
/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
enum Llama3PreTokenizer {
    static func split(_ scanner: ScalarScanner, _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        split(scanner, range, digits: 3, body)
    }

    /// The pattern with `\p{N}{1,digits}`.
    @inline(__always)
    static func split(_ scanner: ScalarScanner, _ range: Range<Int>, digits: Int, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = endOfWord(scanner, from: start, range.upperBound, digits)
            body(start..<end)
            start = end
        }
    }

    private static func endOfWord(_ scanner: ScalarScanner, from start: Int, _ limit: Int, _ digits: Int) -> Int {
        if let end = endOfContraction(scanner.bytes, from: start, limit) { return end }
        let (kind, after) = scanner.kind(at: start)
        switch kind {
        case .letter: return scanner.endOfRun(.letter, from: after, limit)
        case .number:
            var end = after
            for _ in 1..<max(digits, 1) {
                guard scanner.isKind(.number, at: end, limit) else { break }
                end = scanner.kind(at: end).end
            }
            return end
        case .other:
            if scanner.isKind(.letter, at: after, limit) { return scanner.endOfRun(.letter, from: after, limit) }
            return endOfSymbols(scanner, from: after, limit)
        case .space:
            if !scanner.isLineBreak(at: start), scanner.isKind(.letter, at: after, limit) {
                return scanner.endOfRun(.letter, from: after, limit)
            }
            if scanner.bytes[start] == 0x20, scanner.isKind(.other, at: after, limit) {
                return endOfSymbols(scanner, from: after, limit)
            }
            return scanner.endOfLastLineBreak(from: start, limit) ?? scanner.endOfSpaces(from: start, limit)
        }
    }

    /// The rest of `[^\s\p{L}\p{N}]+[\r\n]*`.
    private static func endOfSymbols(_ scanner: ScalarScanner, from start: Int, _ limit: Int) -> Int {
        var end = scanner.endOfRun(.other, from: start, limit)
        while end < limit, scanner.isLineBreak(at: end) { end += 1 }
        return end
    }

    /// The end of `(?i:'s|'t|'re|'ve|'m|'ll|'d)`, or nil.
    ///
    /// The long s, U+017F, folds to `s`.
    private static func endOfContraction(_ bytes: [UInt8], from start: Int, _ limit: Int) -> Int? {
        guard bytes[start] == UInt8(ascii: "'"), start + 1 < limit else { return nil }
        func isLetter(_ letter: Unicode.Scalar, at index: Int) -> Bool {
            index < limit && bytes[index] | 0x20 == UInt8(ascii: letter)
        }
        switch bytes[start + 1] | 0x20 {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"): return isLetter("e", at: start + 2) ? start + 3 : nil
        case UInt8(ascii: "l"): return isLetter("l", at: start + 2) ? start + 3 : nil
        default: break
        }
        let isLongS = start + 2 < limit && bytes[start + 1] == 0xC5 && bytes[start + 2] == 0xBF
        return isLongS ? start + 3 : nil
    }
}
