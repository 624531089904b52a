internal import OrderedCollections
internal import StoaCore

/// The inverse of drawing: finds which wording of which family a question is, and so its program and its answer.
///
/// It is what verifies a problem that a model wrote: the answer is that of an executed program, or there is none. Words of
/// slots need not be in the lists, sentences that no wording has may stand between, and numbers are the question's own.
///
/// Determinism: a pure function of library and question.
public struct ProblemReader: Sendable {
    /// Why a question could not be read.
    public enum Failure: String, Error, Sendable, Hashable {
        /// No wording is like it.
        case unknown
        /// Wordings with different answers are.
        case ambiguous
        /// It is like a wording, but its numbers make no sense there.
        case senseless
    }

    private struct Form: Sendable {
        let family: Int
        let wording: Int
        let nodes: [ReadingNode]
    }

    private let library: FamilyLibrary
    private let wordings: [Form]
    private let forms: [ReadingForms]

    /// Sentences that no wording has, in one question.
    private static let mostSkipped = 2

    /// Prepares for reading.
    ///
    /// - Parameter library: the families.
    public init(library: FamilyLibrary) {
        self.library = library
        var wordings: [Form] = []
        var forms: [ReadingForms] = []
        var places: [String: Int] = [:]
        for (index, family) in library.families.enumerated() {
            for (number, wording) in family.wordings.enumerated() where wording.weight > 0 {
                let nodes = ReadingNode.nodes(of: wording.text) { slot in
                    let lists = wording.slots[slot.name] ?? family.slots[slot.name] ?? ""
                    let path = slot.path.map { $0.lowercased() }
                    let key = "\(lists)|\(path.joined(separator: "."))"
                    if let place = places[key] { return place }
                    places[key] = forms.count
                    forms.append(ReadingForms(entries: library.words.entries(lists) ?? [], path: path))
                    return forms.count - 1
                }
                wordings.append(Form(family: index, wording: number, nodes: nodes))
            }
        }
        self.wordings = wordings
        self.forms = forms
    }

    /// Reads a question.
    ///
    /// - Parameters:
    ///   - question: the question.
    ///   - id: the name of the problem.
    /// - Returns: the problem, with its program and its answer.
    /// - Throws: `Failure`.
    public func problem(reading question: String, id: String) throws(Failure) -> WordProblem {
        let words = ReadingWord.words(of: question)
        var best: [(cost: Int, problem: WordProblem, value: Fraction)] = []
        var isLike = false
        for form in wordings {
            let family = library.families[form.family]
            let wording = family.wordings[form.wording]
            var matcher = ReadingMatcher(words: words, forms: forms, mostSkipped: Self.mostSkipped)
            for match in matcher.matches(form.nodes) {
                isLike = true
                guard let value = value(of: wording.program, family, match.numbers) else { continue }
                let program = wording.program.text { match.numbers[$0]?.digits }
                let problem = WordProblem(
                    id: id, family: family.name, level: level(of: family, match.numbers.mapValues(\.value)),
                    question: question,
                    program: program, answer: value.description, wording: form.wording)
                best.append((match.cost, problem, value))
            }
        }
        guard let least = best.map(\.cost).min() else { throw isLike ? .senseless : .unknown }
        let nearest = best.filter { $0.cost == least }
        guard nearest.allSatisfy({ $0.value == nearest[0].value }) else { throw .ambiguous }
        return nearest[0].problem
    }

    /// The value of the program where the quantities that were read meet the family's conditions.
    private func value(
        of program: ProblemProgram, _ family: ProblemFamily, _ numbers: [String: ReadingWord.Number]
    ) -> Fraction? {
        let values = numbers.mapValues(\.value)
        guard let value = program.value(of: values), value.isPositive else { return nil }
        for condition in family.conditions {
            let names = Set(condition.left.names + condition.right.names)
            // What the question does not say cannot be checked.
            guard names.isSubset(of: values.keys) else { continue }
            guard condition.holds(for: values) else { return nil }
        }
        let isWhole = program.names.allSatisfy { values[$0]?.isInteger ?? false }
        let hasMoney = program.names.contains { numbers[$0]?.isMoney ?? false }
        guard !isWhole || hasMoney || value.isInteger else { return nil }
        return value
    }

    /// The lowest level whose ranges hold all numbers.
    private func level(of family: ProblemFamily, _ values: [String: Fraction]) -> Int {
        for level in ProblemFamily.levels {
            let fits = values.allSatisfy { name, value in
                guard case .drawn(let ranges) = family.quantities[name] else { return true }
                let range = ranges[min(level, ranges.count) - 1]
                return range.contains(value) || range.upperBound >= value
            }
            if fits { return level }
        }
        return ProblemFamily.levels.upperBound
    }
}

/// A word of a question as it is read.
struct ReadingWord: Sendable, Hashable {
    struct Number: Sendable, Hashable {
        var value: Fraction
        var digits: String
        var isMoney: Bool
    }

    /// In lower case; a full stop or a question mark for the end of a sentence.
    var text: String
    var number: Number?

    var isEnd: Bool { text == "." }

    /// The words of a text.
    static func words(of text: String) -> [ReadingWord] {
        let characters = Array(text)
        let numbers = QuestionNumbers(text).numbers
        var words: [ReadingWord] = []
        var position = 0
        var next = 0
        while position < characters.count {
            while next < numbers.count, numbers[next].range.lowerBound < position { next += 1 }
            if next < numbers.count, numbers[next].range.lowerBound == position {
                let number = numbers[next]
                let before = characters[..<position].last { !$0.isWhitespace }
                let written = String(characters[number.range]).lowercased()
                words.append(
                    ReadingWord(
                        text: number.isWord ? written : number.digits,
                        number: Number(value: number.value, digits: number.digits, isMoney: before == "$")))
                position = number.range.upperBound
            } else if characters[position].isLetter {
                let start = position
                while position < characters.count, characters[position].isLetter { position += 1 }
                let text = String(characters[start..<position]).lowercased()
                // Most often it is no number; a wording that wants one may take it as such.
                let one = text == "one" ? Number(value: Fraction(1), digits: "1", isMoney: false) : nil
                words.append(ReadingWord(text: text, number: one))
            } else {
                let isEnd = ".?!".contains(characters[position])
                let isTitle = ["mrs", "mr", "ms", "dr"].contains(words.last?.text ?? "")
                if isEnd, !isTitle, words.last?.isEnd != true { words.append(ReadingWord(text: ".")) }
                position += 1
            }
        }
        if words.last?.isEnd != true { words.append(ReadingWord(text: ".")) }
        return words
    }
}
