internal import BigInt

// The unit behind an amount: words in a text command, or known units bare.
extension MathParser {
    /// Words that multiply: `5 million`.
    private static let scales: [String: Int] = [
        "hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12,
    ]
    /// Words that raise the unit behind them to a power.
    private static let powers: [String: String] = ["square": "2", "sq": "2", "cubic": "3", "cu": "3"]

    /// Units of several words that have a short name.
    private static let abbreviations = ["mi per h": "mph"]

    /// Whether a slash begins the second half of a unit, as in `60 km/h`.
    var isUnitSlash: Bool {
        // Only text says that what follows is a unit.
        if case .text = token(1) { return true }
        return false
    }

    /// How many tokens a unit of bare letters has at a place; nil where none begins that ends the answer.
    func unitLength(at place: Int) -> Int? {
        var index = place
        var count = 0
        while index < tokens.count, case .letters(let word) = tokens[index].token {
            let isFirst = index == place
            let isScale = Self.scales[word] != nil
            let isApart = tokens[index].isApart || isScale
            let isUnit =
                word.utf8.count > 1
                && (Units.isKnown(word) || isScale || Self.powers[word] != nil || word == "per"
                    || (isApart && word.utf8.count > 3 && Units.isCountable(word)))
            let isSymbol = word.utf8.count == 1 && !isFirst && isDivider(index - 1)
            guard isUnit || isSymbol else { return nil }
            index += 1
            count += 1
            guard count <= 5 else { return nil }
            index = skipPower(from: index)
            if index < tokens.count, tokens[index].token == .mark(.slash) { index += 1 }
        }
        guard count > 0, index == tokens.count || isBoundary(tokens[index].token) else { return nil }
        return index - place
    }

    private func isDivider(_ index: Int) -> Bool {
        tokens[index].token == .mark(.slash) || tokens[index].token == .letters("per")
    }

    private func isBoundary(_ token: MathToken) -> Bool {
        guard case .mark(let mark) = token else { return false }
        switch mark {
        case .comma, .semicolon, .and, .or, .closeRound, .closeSquare, .closeSet, .closeCurly, .ampersand, .row:
            return true
        default: return mark.isRelation
        }
    }

    /// Behind the exponent of a unit.
    private func skipPower(from place: Int) -> Int {
        guard place + 1 < tokens.count, tokens[place].token == .mark(.caret) else { return place }
        if case .number = tokens[place + 1].token { return place + 2 }
        guard place + 3 < tokens.count, tokens[place + 1].token == .mark(.openCurly),
            case .number = tokens[place + 2].token, tokens[place + 3].token == .mark(.closeCurly)
        else { return place }
        return place + 4
    }

    /// Reads a unit; a scale changes the number.
    ///
    /// - Returns: nil where none is here.
    mutating func takeUnit() -> (scale: Rational?, unit: String?)? {
        let end: Int
        if let length = unitLength(at: position) {
            end = position + length
        } else {
            guard case .text = next else { return nil }
            end = tokens.count
        }
        var words: [String] = []
        let start = position
        while position < end, let token = next {
            switch token {
            case .text(let text): words += Self.split(text)
            case .letters(let word):
                // Behind words, a letter is the rest of an abbreviation.
                guard !words.isEmpty || unitLength(at: position) != nil else {
                    position = start
                    return nil
                }
                words.append(word)
            case .mark(.slash): words.append("per")
            case .mark(.caret):
                let after = skipPower(from: position)
                guard after > position, let last = words.popLast(), let power = exponentDigit(before: after) else {
                    position = start
                    return nil
                }
                words.append("\(last)^\(power)")
                position = after
                continue
            default:
                guard isBoundary(token) else {
                    position = start
                    return nil
                }
                return finished(words, from: start)
            }
            position += 1
        }
        return finished(words, from: start)
    }

    private func exponentDigit(before place: Int) -> String? {
        for index in [place - 1, place - 2] {
            if case .number(let value, _) = tokens[index].token { return value.description }
        }
        return nil
    }

    /// Words of a text, the slash as `per`.
    private static func split(_ text: String) -> [String] {
        text.split { $0 == " " || $0 == "~" }.flatMap { part -> [String] in
            let pieces = part.split(separator: "/")
            return Array(pieces.map(String.init).map { [$0] }.joined(separator: ["per"]))
        }
    }

    private mutating func finished(_ words: [String], from start: Int) -> (scale: Rational?, unit: String?)? {
        var words = words[...]
        var scale: Rational?
        while let word = words.first, let power = Self.scales[word.lowercased()] {
            scale = (scale ?? 1) * .powerOfTen(power)
            words.removeFirst()
        }
        guard let unit = Self.unit(words.map { $0 }) else {
            position = start
            return nil
        }
        guard !unit.isEmpty else { return (scale, nil) }
        return (scale, unit)
    }

    /// The one spelling of a unit; empty for no words, nil for words that are none.
    private static func unit(_ words: [String]) -> String? {
        var parts: [String] = []
        var power: String?
        for word in words {
            let clean = String(word.filter { $0 != "." })
            guard !clean.isEmpty, clean.count <= 30 else { return nil }
            let lower = clean.lowercased()
            if let found = powers[lower] {
                power = found
                continue
            }
            let pieces = clean.split(separator: "^", maxSplits: 1)
            guard let first = pieces.first else { return nil }
            let name = String(first)
            guard name == "per" || Units.isKnown(name) || name.count == 1 || Units.isCountable(name),
                name.unicodeScalars.allSatisfy({ $0.properties.isAlphabetic || $0 == "-" })
            else { return nil }
            var part = name == "per" ? name : Units.canonical(name)
            if let exponent = pieces.dropFirst().first.map(String.init) ?? power { part += "^\(exponent)" }
            power = nil
            parts.append(part)
            guard parts.count <= 6 else { return nil }
        }
        let unit = parts.joined(separator: " ")
        return power == nil ? abbreviations[unit] ?? unit : nil
    }
}
