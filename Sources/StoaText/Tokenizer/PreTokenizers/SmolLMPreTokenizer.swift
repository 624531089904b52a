/// Every digit on its own, then the GPT-2 pattern on what lies between digits.
///
/// The digit splitter carries a later Unicode version than the regex engine: it knows digits that `\p{N}` does not.
enum SmolLMPreTokenizer {
    static func split(_ scanner: ScalarScanner, _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        var index = start
        while index < range.upperBound {
            let (scalar, after) = UTF8Scalars.decode(scanner.bytes, at: index)
            if isDigit(scalar, scanner, index) {
                GPT2PreTokenizer.split(scanner, start..<index, body)
                body(index..<after)
                start = after
            }
            index = after
        }
        GPT2PreTokenizer.split(scanner, start..<range.upperBound, body)
    }

    @inline(__always)
    private static func isDigit(_ scalar: UInt32, _ scanner: ScalarScanner, _ index: Int) -> Bool {
        if scanner.kind(at: index).kind == .number { return true }
        guard scalar >= ScalarClassTable.lateDigits[0] else { return false }
        let runs = ScalarClassTable.lateDigits
        return stride(from: 0, to: runs.count, by: 2).contains { run in
            scalar >= runs[run] && scalar < runs[run] + runs[run + 1]
        }
    }
}
