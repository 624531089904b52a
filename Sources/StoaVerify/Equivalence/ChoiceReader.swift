/// Letters of options: `B`, `(B)`, `B.`, `(B) 12`, `Option B`.
enum ChoiceReader {
    /// The option that a text is; nil for anything else, as a letter that is one of a formula.
    static func choice(in bytes: [UInt8]) -> Meaning? {
        var scanner = TextScanner(bytes)
        var isMarked = takeWord(&scanner)
        scanner.skipSpaces()
        _ = scanner.take("\\text")
        let isBraced = scanner.take("{")
        let isOpen = scanner.take("(") || scanner.take("[")
        scanner.skipSpaces()
        guard let letter = scanner.next, letter.isLetter, letter & 0x20 == 0 else { return nil }
        scanner.position += 1
        scanner.skipSpaces()
        let isClosed = scanner.take(")") || scanner.take("]")
        if isBraced, !scanner.take("}") { return nil }
        guard isClosed || !isOpen else { return nil }
        let hasMark = isClosed || scanner.take(".") || scanner.take(":")
        isMarked = isMarked || hasMark || isBraced
        let isApart = scanner.skipSpaces()
        let name = String(Unicode.Scalar(letter))
        guard !scanner.isAtEnd else { return .choice(name, isMarked: isMarked, rest: nil) }
        // `A: 5` names an option, `A B` and `(A)(B)` are something else.
        guard hasMark, isApart || !isClosed, let first = scanner.next, first != UInt8(ascii: "=") else { return nil }
        let rest = scanner.text(scanner.position..<scanner.end)
        guard isClosed || isApart, !rest.contains("=") else { return nil }
        // (A) ∪ (B), (A) + 1: signs go on with a formula.
        // (A) or (B), (A) (B) and "(A) is wrong" choose no single one.
        let words = rest.split(separator: " ")
        guard let word = words.first, !["or", "and", "is", "isn't", "not", "through", "to"].contains(word),
            choice(in: Array(word.utf8)) == nil
        else { return nil }
        guard !"+-*/^<>,;|&!".utf8.contains(first), !rest.hasPrefix("\\cup"), !rest.hasPrefix("\\cap") else {
            return nil
        }
        return .choice(name, isMarked: true, rest: rest)
    }

    private static func takeWord(_ scanner: inout TextScanner) -> Bool {
        for word in ["Option", "option", "Choice", "choice", "Answer", "answer"] where scanner.take(word) {
            return scanner.skipSpaces()
        }
        return false
    }
}
