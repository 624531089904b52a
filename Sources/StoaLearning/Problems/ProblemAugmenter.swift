public import StoaCore

/// Makes new problems of given ones by rules that know nothing of them: other numbers, other names, other words.
///
/// It is the static augmentation that a curriculum is compared with. Numbers are drawn anew with the digits and places that
/// they have, those that are used in such a way that the program's value stays positive, and whole where it was, and that
/// what was larger stays larger; the answer is the program's. Names become names of the same list. Words become others
/// that mean the same, by a short table.
///
/// Determinism: a pure function of its arguments.
public struct ProblemAugmenter: Sendable {
    /// Whether numbers are drawn anew.
    public var changesNumbers: Bool
    /// Whether words become others.
    public var paraphrases: Bool
    /// Names that stand for each other, by the pronoun.
    private let names: [[String]]

    private static let attempts = 200
    /// Words that mean the same in these questions.
    private static let synonyms: [[String]] = [
        ["in all", "altogether", "in total"], ["have left", "still have"], ["are left", "remain"], ["gave", "handed"],
        ["found", "picked up"], ["bought", "got"], ["buys", "gets"], ["gives", "hands"], ["placed", "put"],
        ["finds", "picks up"], ["ends with", "has in the end"], ["currently", "now"], ["made", "prepared"],
    ]

    /// Creates an augmenter.
    ///
    /// - Parameters:
    ///   - changesNumbers: whether numbers are drawn anew.
    ///   - paraphrases: whether words become others.
    ///   - words: the shared words whose lists of people give the names; nil to keep names.
    public init(changesNumbers: Bool = true, paraphrases: Bool = true, words: ProblemWords? = nil) {
        self.changesNumbers = changesNumbers
        self.paraphrases = paraphrases
        var names: [WordEntry.Pronoun: [String]] = [:]
        for (_, entries) in (words?.lists ?? [:]).sorted(by: { $0.key < $1.key }) {
            for case .person(let name, let pronoun) in entries where !name.contains(" ") {
                if names[pronoun]?.contains(name) != true { names[pronoun, default: []].append(name) }
            }
        }
        self.names = WordEntry.Pronoun.allCases.compactMap { names[$0] }
    }

    /// Makes a new problem of one.
    ///
    /// - Parameters:
    ///   - problem: the problem; one without a program keeps its numbers.
    ///   - stream: whose chance is drawn on.
    ///   - id: the new problem's name.
    /// - Returns: the new problem.
    public func variant(of problem: WordProblem, stream: RandomStream, id: String) -> WordProblem {
        var variant = problem
        variant.id = id
        if changesNumbers { changeNumbers(of: &variant, stream.child("numbers")) }
        var chance = Chance(stream.child("words"))
        variant.question = renamed(variant.question, &chance)
        if paraphrases { variant.question = paraphrased(variant.question, &chance) }
        return variant
    }

    // MARK: - Numbers

    private func changeNumbers(of problem: inout WordProblem, _ stream: RandomStream) {
        guard let source = problem.program, let program = try? ProblemProgram(source), let old = program.value() else {
            return
        }
        let numbers = QuestionNumbers(problem.question).numbers
        let texts = Set(program.numbers.map { $0 })
        var chance = Chance(stream)
        for _ in 0..<Self.attempts {
            let drawn = numbers.map { number in number.isWord ? number.digits : Self.number(like: number, &chance) }
            let values = drawn.compactMap { Fraction($0) }
            guard values.count == numbers.count, Self.keepsOrder(numbers.map(\.value), values) else { continue }
            // A number of the program stands for the first of its value in the question.
            var replaced: [String: String] = [:]
            for (number, digits) in zip(numbers, drawn) where replaced[number.digits] == nil {
                replaced[number.digits] = digits
            }
            guard texts.allSatisfy({ value in numbers.contains { $0.value == value } }) else { return }
            let written = Self.rewritten(source, replaced)
            guard let value = (try? ProblemProgram(written))?.value(), value.isPositive,
                !old.isInteger || value.isInteger
            else { continue }
            var question = Array(problem.question)
            for number in numbers.reversed() where !number.isWord {
                // Numbers that were equal stay equal, so that the program is that of the question.
                question.replaceSubrange(number.range, with: Array(replaced[number.digits] ?? number.digits))
            }
            problem.question = String(question)
            problem.program = written
            problem.answer = value.description
            return
        }
    }

    /// Digits and places stay; a single digit stays one, and repeating fractions stay as they are.
    private static func number(like number: QuestionNumbers.Number, _ chance: inout Chance) -> String {
        let parts = number.digits.split(separator: ".", omittingEmptySubsequences: false)
        let places = parts.count == 2 ? parts[1].count : 0
        guard places <= 4, number.value.isPositive else { return number.digits }
        let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
        let whole = number.value.multiplied(by: Fraction(scale))?.numerator ?? 1
        let digits = String(whole).count
        let least = (1..<max(digits, 1)).reduce(1) { least, _ in least * 10 }
        let low = digits == 1 ? 2 : least
        let value = low + chance.integer(below: max(1, least * 10 - low))
        guard places > 0 else { return String(value) }
        let behind = String(value % scale)
        return "\(value / scale)." + String(repeating: "0", count: places - behind.count) + behind
    }

    private static func keepsOrder(_ old: [Fraction], _ new: [Fraction]) -> Bool {
        for first in old.indices {
            for second in old.indices where first < second {
                if old[first] == old[second] { continue }
                if (old[first] < old[second]) != (new[first] < new[second]) || new[first] == new[second] {
                    return false
                }
            }
        }
        return true
    }

    private static func rewritten(_ program: String, _ replaced: [String: String]) -> String {
        var text = ""
        var digits = ""
        func flushed() -> String { digits.isEmpty ? "" : (replaced[digits] ?? digits) }
        for character in program {
            if character.isNumber || character == "." {
                digits.append(character)
            } else {
                text += flushed() + String(character)
                digits = ""
            }
        }
        return text + flushed()
    }

    // MARK: - Words

    private func renamed(_ question: String, _ chance: inout Chance) -> String {
        var replaced: [String: String] = [:]
        var used: Set<String> = []
        let words = Self.words(of: question)
        for word in words where replaced[word] == nil {
            guard let list = names.first(where: { $0.contains(word) }) else { continue }
            let free = list.filter { !used.contains($0) && !words.contains($0) }
            guard let name = chance.element(of: free) else { continue }
            replaced[word] = name
            used.insert(name)
        }
        return words.map { replaced[$0] ?? $0 }.joined()
    }

    private func paraphrased(_ question: String, _ chance: inout Chance) -> String {
        var text = question
        for group in Self.synonyms {
            guard let found = group.first(where: { Self.range(of: $0, in: text) != nil }),
                let range = Self.range(of: found, in: text)
            else { continue }
            let other = chance.element(of: group) ?? found
            text = text.replacingCharacters(in: range, with: other)
        }
        return text
    }

    /// Words and what stands between them.
    private static func words(of text: String) -> [String] {
        var words: [String] = []
        for character in text {
            if character.isLetter, let last = words.last?.last, last.isLetter {
                words[words.count - 1].append(character)
            } else {
                words.append(String(character))
            }
        }
        return words
    }

    /// Where whole words stand.
    private static func range(of phrase: String, in text: String) -> Range<String.Index>? {
        let characters = Array(text)
        let wanted = Array(phrase)
        guard characters.count >= wanted.count else { return nil }
        for start in 0...(characters.count - wanted.count) where characters[start] == wanted[0] {
            let end = start + wanted.count
            guard Array(characters[start..<end]) == wanted, start == 0 || !characters[start - 1].isLetter,
                end == characters.count || !characters[end].isLetter
            else { continue }
            return text.index(text.startIndex, offsetBy: start)..<text.index(text.startIndex, offsetBy: end)
        }
        return nil
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
