/// Simple equations of numbers in a text: `3 * 4 = 12`, `\frac{1}{2} + 1 = 1.5 = 3/2`.
///
/// Only what can be understood completely is an equation. Sides with variables, words or unknown commands are none, nor
/// is a side that a word before it might belong to, as in `half of 10 + 2`.
enum Equations {
    /// Two sides that are said to be equal; at least one of them is a calculation.
    struct Equation {
        var text: String
        var left: Expression
        var right: Expression
    }

    /// The most sides of equations that are read.
    private static let limit = 2000

    /// The equations of a text, in order; those of its end where it is longer than `NumberLimits.windowBytes`.
    static func find(in text: String) -> [Equation] {
        var equations: [Equation] = []
        var sides = 0
        let bytes = text.window
        var line = bytes.indices
        while !line.isEmpty, sides < limit {
            let end = bytes[line].firstIndex(of: 0x0A) ?? line.upperBound
            // No equals sign, no work.
            if bytes[line.lowerBound..<end].contains(0x3D) {
                for run in runs(bytes, afterListMark(bytes, line.lowerBound..<end)) where sides < limit {
                    let parts = bytes[run.range].split(
                        separator: 0x3D, maxSplits: limit - sides, omittingEmptySubsequences: false)
                    sides += parts.count
                    equations += Self.equations(parts, run)
                }
            }
            line = min(end + 1, line.upperBound)..<line.upperBound
        }
        return equations
    }

    // MARK: - Runs

    /// A stretch of nothing but arithmetic, and whether its first and last side may belong to what is around it.
    private struct Run {
        var range: Range<Int>
        var isOpenBefore: Bool
        var isOpenAfter: Bool
    }

    /// A line without the `1.`, `2)` or `-` of a list.
    private static func afterListMark(_ bytes: [UInt8], _ line: Range<Int>) -> Range<Int> {
        var scanner = TextScanner(bytes, from: line.lowerBound, to: line.upperBound)
        scanner.skipSpaces()
        if scanner.take(anyOf: ["- ", "* ", "+ ", "\u{2022} ", "\u{2013} "]) {
            return scanner.position..<line.upperBound
        }
        _ = scanner.take("(")
        let start = scanner.position
        while scanner.isAtDigit { scanner.position += 1 }
        let isMark = (1...3).contains(scanner.position - start) && scanner.take(anyOf: [". ", ") "])
        return isMark ? scanner.position..<line.upperBound : line
    }

    private static let symbols: Set<UInt8> = Set("0123456789+-*/^()=%${}& \t".utf8)
    private static let words = [
        "\\times", "\\cdot", "\\div", "\\frac", "\\dfrac", "\\tfrac", "\\sqrt", "\\boxed", "\\left(", "\\right)", "\\%",
        "\\$", "\\,", "\\;", "\\!", "\u{D7}", "\u{F7}", "\u{B7}", "\u{22C5}", "\u{2212}", "\u{A0}", "€", "£",
    ]

    private static func runs(_ bytes: [UInt8], _ line: Range<Int>) -> [Run] {
        var runs: [Run] = []
        var scanner = TextScanner(bytes, from: line.lowerBound, to: line.upperBound)
        while !scanner.isAtEnd {
            // Formulas begin with brackets that have nothing to do with those inside.
            if scanner.take(anyOf: ["\\(", "\\["]) { continue }
            let start = scanner.position
            while scanner.takeArithmetic(symbols, words) {}
            if scanner.position == start {
                scanner.position += 1
                continue
            }
            let range = start..<scanner.position
            guard bytes[range].contains(0x3D) else { continue }
            runs.append(
                Run(
                    range: range, isOpenBefore: isOpen(before: range, in: bytes, line),
                    isOpenAfter: isOpen(after: range, in: bytes, line)))
        }
        return runs
    }

    private static let binding: Set<String> = [
        "of", "half", "twice", "double", "triple", "thrice", "times", "sqrt", "root", "square", "cube", "log", "ln",
        "sin", "cos", "tan", "exp", "minus", "plus", "divided", "by", "over", "negative", "mod", "to", "from",
    ]
    private static let scales: Set<String> = [
        "dozen", "hundred", "thousand", "million", "billion", "trillion", "percent", "mod", "remainder", "times",
        "plus", "minus", "divided", "over", "squared", "cubed", "r", "x", "k",
    ]

    /// Whether the first side may go on to the left.
    private static func isOpen(before range: Range<Int>, in bytes: [UInt8], _ line: Range<Int>) -> Bool {
        var place = range.lowerBound - 1
        guard place >= line.lowerBound else { return false }
        // The run has taken the spaces: what is before it is none.
        let isAttached = bytes[range.lowerBound] != 0x20
        let first = bytes[range].first { $0 != 0x20 && $0 != 0x24 } ?? 0x3D
        // The colon of a time, the point of a number and the bracket of an index begin nothing.
        let isInside = isAttached && place > line.lowerBound && (bytes[place - 1].isDigit || bytes[place - 1].isLetter)
        let beginsSentence = !isInside && Array(":;,.!?([\"'`>".utf8).contains(bytes[place])
        // `total - 3 = 4` subtracts from the total.
        if Array("+-*/^".utf8).contains(first) || first.isBeyondASCII { return !(beginsSentence && first == 0x2D) }
        guard bytes[place].isLetter else {
            return isAttached ? !beginsSentence : Array(")]|_}".utf8).contains(bytes[place])
        }
        let end = place + 1
        while place >= line.lowerBound, bytes[place].isLetter { place -= 1 }
        let word = text(bytes, place + 1..<end).lowercased()
        // `The sum of 5 and 2 * 3`: what is joined is not known.
        if word == "and", text(bytes, max(line.lowerBound, end - 200)..<end).contains(" of ") { return true }
        return isAttached || word.count == 1 || binding.contains(word)
    }

    private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// Whether the last side may go on to the right.
    private static func isOpen(after range: Range<Int>, in bytes: [UInt8], _ line: Range<Int>) -> Bool {
        var scanner = TextScanner(bytes, from: range.upperBound, to: line.upperBound)
        let isAttached = bytes[range.upperBound - 1] != 0x20
        guard let next = scanner.next else { return false }
        guard next.isLetter else {
            // Ends of formulas, lines and units; any other command goes on.
            if scanner.take(anyOf: ["\\)", "\\]", "\\\\", "\\text{", "\\mathrm{", "\\quad"]) { return false }
            if next == 0x21 { return isAttached }
            if next == 0x2E { return scanner.byte(1) == 0x2E }
            return !Array(",;:?]\"'`".utf8).contains(next)
        }
        let start = scanner.position
        while scanner.isAtLetter { scanner.position += 1 }
        let word = scanner.text(start..<scanner.position).lowercased()
        return word.count == 1 || scales.contains(word) || (isAttached && !Units.isKnown(word))
    }

    // MARK: - Sides

    private static func equations(_ parts: [ArraySlice<UInt8>], _ run: Run) -> [Equation] {
        let sides = parts.enumerated().map { index, part -> (text: String, expression: Expression?) in
            let isOpen = (index == 0 && run.isOpenBefore) || (index == parts.count - 1 && run.isOpenAfter)
            guard !isOpen, part.count <= NumberLimits.textBytes else { return ("", nil) }
            let text = side(part)
            return (text, try? Expression(text))
        }
        return zip(sides, sides.dropFirst()).compactMap { left, right in
            guard let first = left.expression, let second = right.expression, first.hasOperator || second.hasOperator
            else { return nil }
            return Equation(text: "\(left.text) = \(right.text)", left: first, right: second)
        }
    }

    /// What means nothing in a side: currencies, boxes, alignment.
    private static let marks = ["\\boxed", "\\$", "$", "€", "£", "&"]

    /// A side as an expression is written, without marks and emphasis.
    private static func side(_ bytes: ArraySlice<UInt8>) -> String {
        var scanner = TextScanner(Array(bytes))
        var text: [UInt8] = []
        while let byte = scanner.next {
            if byte.isDigit || !scanner.take(anyOf: marks) {
                // Runs have an x between digits only.
                text.append(byte | 0x20 == 0x78 ? 0x2A : byte)
                scanner.position += 1
            }
        }
        var range = AnswerWrapping.trimmed(text, text.indices)
        if text[range].starts(with: "**".utf8) { range = range.lowerBound + 2..<range.upperBound }
        if range.count >= 2, text[range].suffix(2).elementsEqual("**".utf8) {
            range = range.lowerBound..<range.upperBound - 2
        }
        return String(decoding: text[AnswerWrapping.trimmed(text, range)], as: UTF8.self)
    }
}

extension TextScanner {
    /// Steps over one piece of arithmetic.
    fileprivate mutating func takeArithmetic(_ symbols: Set<UInt8>, _ words: [String]) -> Bool {
        guard let byte = next else { return false }
        if symbols.contains(byte) {
            position += 1
            return true
        }
        switch byte {
        case 0x2E: return takeByte(self.byte(1)?.isDigit == true)
        case 0x2C: return takeByte(self.byte(-1)?.isDigit == true && self.byte(1)?.isDigit == true)
        case 0x78, 0x58: return takeByte(isBetweenDigits)
        case 0x5C: return take(anyOf: words)
        default: return byte.isBeyondASCII && take(anyOf: words)
        }
    }

    private mutating func takeByte(_ isPart: Bool) -> Bool {
        if isPart { position += 1 }
        return isPart
    }

    /// Whether the letter x here stands for a multiplication sign.
    private var isBetweenDigits: Bool {
        func digit(_ step: Int) -> Bool {
            var offset = step
            while byte(offset) == 0x20 || byte(offset) == 0x24 || byte(offset) == 0x29 || byte(offset) == 0x28 {
                offset += step
            }
            return byte(offset)?.isDigit == true
        }
        return digit(-1) && digit(1)
    }
}
