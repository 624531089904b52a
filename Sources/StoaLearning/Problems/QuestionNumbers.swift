internal import StoaCore

/// The numbers of a question, in their order, as its text has them.
struct QuestionNumbers: Sendable, Hashable {
    struct Number: Sendable, Hashable {
        var value: Fraction
        /// As programs write it: without commas.
        var digits: String
        /// Where it stands, in characters of the question.
        var range: Range<Int>
        /// Whether it is written as a word.
        var isWord: Bool
    }

    let numbers: [Number]

    static let words: [String: Int] = [
        "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
        "eleven": 11,
        "twelve": 12,
    ]

    init(_ question: String, includingWords: Bool = true) {
        let text = Array(question)
        var numbers: [Number] = []
        var position = 0
        while position < text.count {
            let start = position
            if Self.isDigit(text[position]) || Self.isPoint(text, at: position) {
                while position < text.count, Self.isPart(text, at: position) { position += 1 }
                let digits = String(text[start..<position].filter { $0 != "," })
                if let value = Fraction(digits) {
                    let written = digits.hasPrefix(".") ? "0" + digits : digits
                    numbers.append(Number(value: value, digits: written, range: start..<position, isWord: false))
                }
            } else if text[position].isLetter {
                while position < text.count, text[position].isLetter { position += 1 }
                if includingWords, let value = Self.words[String(text[start..<position]).lowercased()] {
                    numbers.append(
                        Number(value: Fraction(value), digits: String(value), range: start..<position, isWord: true))
                }
            } else {
                position += 1
            }
        }
        self.numbers = numbers
    }

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

    private static func isPoint(_ text: [Character], at position: Int) -> Bool {
        text[position] == "." && position + 1 < text.count && isDigit(text[position + 1])
            && (position == 0 || text[position - 1].isWhitespace || text[position - 1] == "$")
    }

    private static func isPart(_ text: [Character], at position: Int) -> Bool {
        if isDigit(text[position]) { return true }
        guard text[position] == "." || text[position] == ",", position + 1 < text.count else { return false }
        return isDigit(text[position + 1])
    }
}
