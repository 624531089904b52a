internal import OrderedCollections
package import StoaCore

/// What names may look like.
enum PlanName {
    /// Names that expressions give a meaning of their own, and names of variables that steps define.
    static let reserved: Set<String> = [
        "true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else", "loop",
        ForEachVerb.indexName, RepeatVerb.roundName, ChooseVerb.candidateName,
    ]

    /// Whether a scalar can stand in a name after its first place.
    static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_"
            || scalar == "-"
    }

    /// Whether a text is a letter followed by letters, digits, `_` and `-`.
    static func isName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, text.utf8.count <= 64 else { return false }
        let isLetter = ("a"..."z").contains(first) || ("A"..."Z").contains(first)
        return isLetter && text.unicodeScalars.allSatisfy(isPart)
    }

    /// What keeps a text from being a name that expressions can read; nil for nothing.
    static func problem(of text: String, what: String) -> (message: String, suggestion: String?)? {
        guard isName(text) else {
            return (
                "\(what) \(JSONText.quoted(text)) is not a letter followed by letters, digits and '_'",
                suggestedName(for: text).map { "use \(JSONText.quoted($0))" }
            )
        }
        if text.contains("-") {
            let plain = String(text.map { $0 == "-" ? "_" : $0 })
            return ("\(what) '\(text)' has a '-', which expressions would read as minus", "use '\(plain)'")
        }
        if reserved.contains(text) || TemplateExpression.globalNames.contains(text) {
            return ("\(what) '\(text)' has a meaning of its own in expressions", "choose another name")
        }
        return nil
    }

    private static func suggestedName(for text: String) -> String? {
        var name = String(String.UnicodeScalarView(text.unicodeScalars.prefix(64).map { isPart($0) ? $0 : "_" }))
        name = String(name.map { $0 == "-" ? "_" : $0 })
        while let first = name.unicodeScalars.first, !("a"..."z").contains(first), !("A"..."Z").contains(first) {
            name.removeFirst()
        }
        return isName(name) && name != text ? name : nil
    }
}

/// Lists of names.
enum PlanNames {
    /// Every name of some lists, each once, in order.
    static func union(_ lists: [String]?...) -> [String] {
        var seen: Set<String> = []
        return lists.flatMap { $0 ?? [] }.filter { seen.insert($0).inserted }
    }
}

/// Texts as JSON writes them.
package enum JSONText {
    /// A text in quotes, shortened if it is long.
    static func quoted(_ text: String) -> String {
        let short = text.unicodeScalars.count > 60 ? String(text.unicodeScalars.prefix(57)) + "..." : text
        return JSONValue.string(short).text
    }

    /// What a value is, in words.
    package static func kind(of value: JSONValue) -> String {
        switch value {
        case .null: "nothing"
        case .bool(let value): "\(value)"
        case .integer, .number: "the number \(value.text)"
        case .string(let text): "the text \(quoted(text))"
        case .array(let elements): elements.isEmpty ? "an empty list" : "a list"
        case .object(let members): members.isEmpty ? "an empty mapping" : "a mapping"
        }
    }
}
