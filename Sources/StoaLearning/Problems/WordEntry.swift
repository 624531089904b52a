internal import StoaCore

/// A word of a list that slots of problem families are filled from.
enum WordEntry: Sendable, Hashable {
    /// Things that can be counted.
    case noun(Noun)
    /// Somebody with a name.
    case person(name: String, pronoun: Pronoun)
    /// Words that belong together, by name, such as a whole and its part.
    case fields([String: String])

    /// What one and several things are called.
    struct Noun: Sendable, Hashable {
        var one: String
        var many: String

        /// Reads `apple`, `box of crayons/boxes of crayons` or `sheep/sheep`.
        init(_ text: String) {
            let forms = text.split(separator: "/", maxSplits: 1).map(String.init)
            one = forms.first ?? text
            many = forms.count == 2 ? forms[1] : Self.plural(of: one)
        }

        /// The regular plural.
        static func plural(of one: String) -> String {
            if one.hasSuffix("y"), let before = one.dropLast().last, !"aeiou".contains(before) {
                return one.dropLast() + "ies"
            }
            let hisses = ["s", "x", "z", "ch", "sh"].contains { one.hasSuffix($0) }
            return one + (hisses ? "es" : "s")
        }

        /// The singular behind its article.
        static func withArticle(_ word: String) -> String {
            let lowered = word.lowercased()
            let soundsLikeConsonant = ["uni", "use", "one", "eu"].contains { lowered.hasPrefix($0) }
            let isVowel = lowered.first.map { "aeiou".contains($0) } ?? false
            return (isVowel && !soundsLikeConsonant || lowered.hasPrefix("hour") ? "an " : "a ") + word
        }
    }

    /// How somebody is spoken of.
    enum Pronoun: String, Sendable, Hashable, CaseIterable {
        case he
        case she
        case they

        /// The pronoun in the form that he has.
        func form(_ form: String) -> String? {
            guard let index = Self.forms[.he]?.firstIndex(of: form) else { return nil }
            return Self.forms[self]?[index]
        }

        private static let forms: [Pronoun: [String]] = [
            .he: ["he", "him", "his", "himself"], .she: ["she", "her", "her", "herself"],
            .they: ["they", "them", "their", "themselves"],
        ]
    }

    /// What it is known by: two slots of a problem have different ones.
    var key: String {
        switch self {
        case .noun(let noun): noun.one
        case .person(let name, _): name
        case .fields(let fields): fields.sorted { $0.key < $1.key }.map(\.value).joined(separator: "/")
        }
    }

    /// The word in a form.
    ///
    /// - Parameters:
    ///   - path: the form: of a noun `one`, `a` or none for several; of somebody `he`, `him`, `his`, `himself` or none for
    ///     the name; of fields the field's name and a noun's form behind it, or none for the words as they are.
    ///   - isOne: whether there is one of it; nil where no number says so.
    /// - Returns: the words; nil where it has no such form.
    func text(_ path: [String], isOne: Bool? = nil) -> String? {
        switch self {
        case .noun(let noun): return Self.text(of: noun, path, isOne: isOne)
        case .person(let name, let pronoun):
            guard let form = path.first else { return name }
            return path.count == 1 ? pronoun.form(form) : nil
        case .fields(let fields):
            guard let name = path.first, let words = fields[name] else { return nil }
            if path.count == 1, isOne == nil { return Noun(words).one }
            return Self.text(of: Noun(words), path.count == 1 ? [] : Array(path.dropFirst()), isOne: isOne)
        }
    }

    private static func text(of noun: Noun, _ path: [String], isOne: Bool?) -> String? {
        switch path {
        case []: isOne == true ? noun.one : noun.many
        case ["one"]: noun.one
        case ["many"]: noun.many
        case ["a"]: Noun.withArticle(noun.one)
        default: nil
        }
    }
}
