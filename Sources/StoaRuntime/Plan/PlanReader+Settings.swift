internal import OrderedCollections
internal import StoaCore

/// Words, flags and numbers that are written down or come from an expression.
extension PlanReader {
    /// One of some words, or a text with expressions that gives one.
    func word(_ key: String) -> PlanWord? {
        switch field(key)?.kind {
        case .word(let words)?, .wordOrObject(let words, _)?: word(key, among: words, orMapping: false)
        default: nil
        }
    }

    private func word(_ key: String, among words: [String], orMapping: Bool) -> PlanWord? {
        guard let value = members[key] else { return nil }
        if let source = value.stringValue, ["{{", "{%", "{#"].contains(where: { source.contains($0) }) {
            return text(key).map { .text($0, among: words) }
        }
        guard let word = value.stringValue, words.contains(word) else {
            reportWrong(
                key, expected: "one of \(words.joined(separator: ", "))" + (orMapping ? ", or a mapping" : ""),
                suggestion: value.stringValue.flatMap { Suggestion.text(for: $0, among: words) })
            return nil
        }
        return .literal(word)
    }

    /// A word, or the reader of a mapping that says more.
    func wordOrMapping(_ key: String) -> (word: PlanWord?, mapping: PlanReader?) {
        guard let value = members[key], case .wordOrObject(let words, let fields)? = field(key)?.kind else {
            return (nil, nil)
        }
        guard let members = value.objectValue else { return (word(key, among: words, orMapping: true), nil) }
        return (nil, inner(members, key, fields))
    }

    /// The reader of a mapping in this one; nil where it is missing or none.
    func object(_ key: String) -> PlanReader? {
        guard let members = mapping(key), case .object(let fields)? = field(key)?.kind else { return nil }
        return inner(members, key, fields)
    }

    private func inner(_ members: JSONValue.Members, _ key: String, _ fields: [PlanField]) -> PlanReader {
        PlanReader(members, at: path[key], fields: fields, scope: scope, what: "'\(key)'", in: decoding)
    }

    /// `true` or `false`, or an expression that gives one, bare or in braces.
    func flag(_ key: String) -> PlanFlag? {
        guard let value = members[key] else { return nil }
        // Words that other formats have for it name nothing here.
        let isWord = value.stringValue.map { ["yes", "no", "on", "off"].contains($0) && !scope.contains($0) } ?? true
        if isWord { return boolean(key).map { .literal($0) } }
        return computed(key).map { .expression($0) }
    }

    /// A number, or an expression that gives one, bare or in braces.
    func amount(_ key: String) -> PlanAmount? {
        guard let value = members[key], case .amount(let range)? = field(key)?.kind else { return nil }
        if value.stringValue != nil { return computed(key).map { .expression($0, in: range) } }
        guard let number = value.doubleValue, range.contains(number) else {
            reportWrong(key, expected: "\(Self.words(for: range)), or an expression that gives one")
            return nil
        }
        return .literal(number)
    }
}
