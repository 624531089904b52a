internal import StoaCore

/// How a problem's text is set: as it is written, or as tokenised corpora have it, with numbers in digits or in words.
struct ProblemStyle: Sendable, Hashable {
    /// Words and marks stand apart.
    let isTokenised: Bool
    /// Small whole numbers are written as words.
    let hasNumberWords: Bool
    /// Large whole numbers have commas.
    let hasCommas: Bool
    /// Tokenised sentences may have lost their capitals, and full stops between clauses.
    let losesCapitals: Bool
    /// Less than one of something is in the singular: 0.5 cup.
    let partsAreSingular: Bool

    init(level: Int, tokenisedShare: Double, stream: RandomStream) {
        var chance = Chance(stream)
        isTokenised = chance.isLucky(tokenisedShare)
        hasNumberWords = chance.isLucky(level == 1 ? 0 : isTokenised ? 0.02 : 0.08)
        hasCommas = chance.isLucky(isTokenised ? 0.02 : 0.25)
        losesCapitals = isTokenised && chance.isLucky(0.08)
        partsAreSingular = chance.isLucky(0.6)
    }

    private static let numberWords = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ]

    /// A number as the text has it.
    func number(_ number: DrawnNumber) -> String {
        if number.isMoney { return "$" + grouped(number.digits) }
        if hasNumberWords, number.value.isInteger, number.value <= Fraction(12), number.value.isPositive {
            return Self.numberWords[Int(number.value.numerator)]
        }
        return grouped(number.digits)
    }

    private func grouped(_ digits: String) -> String {
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard hasCommas, let whole = parts.first, whole.count > 4 || (whole.count == 4 && parts.count == 1) else {
            return digits
        }
        var text = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return ([text] + parts.dropFirst().map(String.init)).joined(separator: ".")
    }

    // MARK: - Sentences

    /// Words before a point that ends no sentence.
    private static let shortened: Set<String> = ["Mrs.", "Mr.", "Ms.", "Dr.", "St."]

    /// The sentences of a text, without the spaces between them.
    static func sentences(of text: String) -> [String] {
        var sentences: [String] = []
        var words: [Substring] = []
        for word in text.split(separator: " ") {
            words.append(word)
            guard let last = word.last, ".?!".contains(last), !shortened.contains(String(word)) else { continue }
            sentences.append(words.joined(separator: " "))
            words = []
        }
        if !words.isEmpty { sentences.append(words.joined(separator: " ")) }
        return sentences
    }

    /// The whole text.
    func finished(_ sentences: [String]) -> String {
        let text = sentences.enumerated().map { index, sentence in
            losesCapitals && index > 0 && index == sentences.count - 1 ? sentence : Self.capitalised(sentence)
        }.joined(separator: " ")
        return isTokenised ? Self.tokenised(text) : text
    }

    private static func capitalised(_ sentence: String) -> String {
        guard let first = sentence.first, first.isLowercase else { return sentence }
        return first.uppercased() + sentence.dropFirst()
    }

    /// Sets words and marks apart, as in `Joan 's 3 dogs , 2 cats and $ 4.50 .`.
    static func tokenised(_ text: String) -> String {
        var words: [String] = []
        for word in text.split(separator: " ") {
            var word = word
            var marks: [String] = []
            if word.hasPrefix("$"), word.count > 1 {
                words.append("$")
                word = word.dropFirst()
            }
            while let last = word.last, ",?!;:".contains(last) || (last == "." && !shortened.contains(String(word))),
                word.count > 1
            {
                marks.insert(String(last), at: 0)
                word = word.dropLast()
            }
            if word.hasSuffix("'s") {
                marks.insert("'s", at: 0)
                word = word.dropLast(2)
            } else if word.hasSuffix("s'"), word.count > 2 {
                marks.insert("'", at: 0)
                word = word.dropLast()
            }
            words.append(String(word))
            words += marks
        }
        return words.joined(separator: " ")
    }
}
