/// GPT-2's pattern.
///
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
enum GPT2PreTokenizer {
    static func split(_ scanner: ScalarScanner, _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = endOfWord(scanner, from: start, range.upperBound)
            body(start..<end)
            start = end
        }
    }

    private static func endOfWord(_ scanner: ScalarScanner, from start: Int, _ limit: Int) -> Int {
        if let end = endOfContraction(scanner.bytes, from: start, limit) { return end }
        let (kind, after) = scanner.kind(at: start)
        guard kind == .space else { return scanner.endOfRun(kind, from: after, limit) }
        if scanner.bytes[start] == 0x20, after < limit {
            let (following, end) = scanner.kind(at: after)
            if following != .space { return scanner.endOfRun(following, from: end, limit) }
        }
        return scanner.endOfSpaces(from: start, limit)
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d`, in this case only.
    private static func endOfContraction(_ bytes: [UInt8], from start: Int, _ limit: Int) -> Int? {
        guard bytes[start] == UInt8(ascii: "'"), start + 1 < limit else { return nil }
        switch bytes[start + 1] {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return start + 2 < limit && bytes[start + 2] == UInt8(ascii: "e") ? start + 3 : nil
        case UInt8(ascii: "l"):
            return start + 2 < limit && bytes[start + 2] == UInt8(ascii: "l") ? start + 3 : nil
        default: return nil
        }
    }
}
