internal import OrderedCollections
public import StoaCore

/// The words and the kinds of numbers that problem families share.
///
/// The document is `{lists: {name: words}, numbers: {kind: ranges}, phrases: {name: words}, extras: [wording]}`. Words are texts (`apple`,
/// `peach`, `sheep/sheep`), objects of words that belong together, or `{he: [names], she: [names]}`. A kind of numbers is
/// one range for each level, with commas between, the last of which holds for the levels above; see `NumberRange`.
public struct ProblemWords: Sendable, Hashable {
    /// The lists by name.
    let lists: [String: [WordEntry]]
    /// The ranges of a kind of numbers, level by level.
    let numbers: [String: [NumberRange]]
    /// Parts of wordings by name: `<name>` in a wording stands for one.
    let phrases: [String: String]
    /// Sentences that say something else, for any problem about somebody called A.
    let extras: [ProblemExtra]

    /// Reads the document.
    ///
    /// - Parameter document: lists, numbers and sentences.
    /// - Throws: `LearningError.invalidFamily` that names the list.
    public init(document: JSONValue) throws(LearningError) {
        var lists: [String: [WordEntry]] = [:]
        for (name, value) in document["lists"]?.objectValue ?? [:] { lists[name] = try Self.entries(value, of: name) }
        var numbers: [String: [NumberRange]] = [:]
        for (name, value) in document["numbers"]?.objectValue ?? [:] {
            guard let ranges = Self.ranges(value.stringValue ?? "") else {
                throw Self.failure("numbers.\(name)", "ranges such as \"2..9, 2..20 by 2\", found \(value.text)")
            }
            numbers[name] = ranges
        }
        var phrases: [String: String] = [:]
        for (name, value) in document["phrases"]?.objectValue ?? [:] { phrases[name] = value.stringValue }
        self.lists = lists
        self.numbers = numbers
        self.phrases = phrases
        var extras: [ProblemExtra] = []
        for (index, value) in (document["extras"]?.arrayValue ?? []).enumerated() {
            extras.append(try ProblemExtra(document: value, numbers: numbers, at: "words: extras[\(index)]"))
        }
        self.extras = extras
    }

    /// The ranges of the levels; nil where one of them is none.
    static func ranges(_ text: String) -> [NumberRange]? {
        let parts = text.split(separator: ",").map { $0.drop { $0 == " " } }
        let ranges = parts.compactMap { NumberRange($0) }
        return ranges.count == parts.count && !ranges.isEmpty ? ranges : nil
    }

    /// A wording with its phrases in place; nil for an unknown one.
    func expanded(_ source: String) -> String? {
        var text = ""
        var rest = Substring(source)
        while let start = rest.firstIndex(of: "<") {
            guard let end = rest[start...].firstIndex(of: ">"),
                let phrase = phrases[String(rest[rest.index(after: start)..<end])]
            else { return nil }
            text += rest[..<start] + phrase
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }

    /// The entries of lists whose names stand in a text with spaces between; nil for an unknown one.
    func entries(_ names: String) -> [WordEntry]? {
        let names = names.split(separator: " ").map(String.init)
        let found = names.compactMap { lists[$0] }
        return found.count == names.count && !names.isEmpty ? found.flatMap { $0 } : nil
    }

    private static func entries(_ value: JSONValue, of list: String) throws(LearningError) -> [WordEntry] {
        if let people = value.objectValue {
            var entries: [WordEntry] = []
            for (word, names) in people {
                guard let pronoun = WordEntry.Pronoun(rawValue: word), let names = names.arrayValue else {
                    throw failure("lists.\(list)", "names under he, she or they, found \(word)")
                }
                entries += names.compactMap { $0.stringValue.map { .person(name: $0, pronoun: pronoun) } }
            }
            return entries
        }
        var entries: [WordEntry] = []
        for element in value.arrayValue ?? [] {
            switch element {
            case .string(let word): entries.append(.noun(WordEntry.Noun(word)))
            case .object(let members):
                var fields: [String: String] = [:]
                for (name, word) in members { fields[name] = word.stringValue }
                guard fields.count == members.count else { fallthrough }
                entries.append(.fields(fields))
            default: throw failure("lists.\(list)", "words, or objects of words, found \(element.text)")
            }
        }
        guard !entries.isEmpty else { throw failure("lists.\(list)", "a list of words, found \(value.text)") }
        return entries
    }

    private static func failure(_ field: String, _ expected: String) -> LearningError {
        LearningError(.invalidFamily, "words: \(field): expected \(expected)")
    }
}

/// A sentence that a problem can do without.
struct ProblemExtra: Sendable, Hashable {
    var text: ProblemText
    /// What its numbers can be, level by level.
    var quantities: [String: [NumberRange]] = [:]
    /// Its own slots, by the lists that fill them.
    var slots: OrderedDictionary<String, String> = [:]

    init(document: JSONValue, numbers: [String: [NumberRange]], at place: String) throws(LearningError) {
        let source = document.stringValue ?? document["text"]?.stringValue
        guard let source else {
            throw LearningError(.invalidFamily, "\(place): expected a sentence, found \(document.text)")
        }
        do {
            text = try ProblemText(source)
        } catch {
            throw LearningError(.invalidFamily, "\(place): \(error.message)")
        }
        for (name, value) in document["quantities"]?.objectValue ?? [:] {
            let words = value.stringValue ?? ""
            guard let ranges = numbers[words] ?? ProblemWords.ranges(words) else {
                throw LearningError(.invalidFamily, "\(place): quantity \(name): expected ranges, found \(value.text)")
            }
            quantities[name] = ranges
        }
        for (name, value) in document["slots"]?.objectValue ?? [:] { slots[name] = value.stringValue }
    }
}
