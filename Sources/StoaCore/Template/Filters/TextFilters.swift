/// Filters from text to text.
enum TextFilters {
    static let all: [String: TemplateFilters.Filter] = [
        "capitalize": capitalize, "e": escape, "escape": escape, "forceescape": forceescape, "format": format,
        "lower": lower, "replace": replace, "safe": safe, "string": string, "striptags": striptags, "title": title,
        "trim": trim, "upper": upper, "urlencode": urlencode,
    ]

    @Sendable static func string(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "string", [])
        return .string(try evaluator.text(of: value))
    }

    @Sendable static func safe(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "safe", [])
        return .string(try evaluator.text(of: value).markup(true))
    }

    @Sendable static func escape(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "escape", [])
        let text = try evaluator.text(of: value)
        return .string(text.isMarkup ? text : try evaluator.escaped(text))
    }

    @Sendable static func forceescape(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "forceescape", [])
        return .string(try evaluator.escaped(try evaluator.text(of: value)))
    }

    @Sendable static func upper(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "upper", [])
        return .string(try paidText(evaluator, value).uppercased)
    }

    @Sendable static func lower(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "lower", [])
        return .string(try paidText(evaluator, value).lowercased)
    }

    @Sendable static func capitalize(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "capitalize", [])
        return .string(try paidText(evaluator, value).capitalized)
    }

    /// The text of a value, with a pass over it paid for.
    static func paidText(_ evaluator: TemplateEvaluator, _ value: TemplateValue) throws(TemplateError) -> TemplateString
    {
        let text = try evaluator.text(of: value)
        try evaluator.charge(bytes: text.utf8.count)
        return text
    }

    /// Capitals at the starts of words, where words start after `-`, white space and opening brackets.
    @Sendable static func title(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "title", [])
        var startsWord = true
        let result = try paidText(evaluator, value).casedByPosition { scalar in
            let isSeparator = "-({[<".unicodeScalars.contains(scalar) || PythonText.isSpace(scalar)
            defer { startsWord = isSeparator }
            return isSeparator ? .same : startsWord ? .upper : .lower
        }
        return .string(result.markup(false))
    }

    @Sendable static func trim(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try StringMethods.strip(
            evaluator, try paidText(evaluator, value), arguments, "trim", leading: true, trailing: true)
    }

    @Sendable static func replace(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "replace", ["old", "new", "count"], required: 2)
        let old = try evaluator.text(of: values[0] ?? .null)
        let new = try evaluator.text(of: values[1] ?? .null)
        var limit = -1
        switch values[2] {
        case nil, .some(.null): break
        case .some(let count): limit = try evaluator.integer(count, "the count of replace")
        }
        let text = try paidText(evaluator, value).markup(false)
        return .string(try evaluator.replaced(old, with: new, in: text, limit: limit))
    }

    @Sendable static func format(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let format = try evaluator.text(of: value)
        guard !arguments.keyword.isEmpty else {
            let values = try evaluator.sequence(.tuple, arguments.positional)
            return .string(try evaluator.percentFormat(format, values))
        }
        guard arguments.positional.isEmpty else {
            throw evaluator.failure("can't handle positional and keyword arguments at the same time")
        }
        let values = try evaluator.dictionary(arguments)
        return .string(try evaluator.percentFormat(format, .dictionary(values)))
    }

    /// The text without tags and comments, white space reduced to single blanks, and entities decoded.
    @Sendable static func striptags(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "striptags", [])
        var text = try paidText(evaluator, value).markup(false)
        text = removing(from: text, "<!--", "-->")
        text = removing(from: text, "<", ">")
        var words: [TemplateString] = []
        let split = try StringMethods.split(evaluator, text, TemplateArguments())
        for word in try evaluator.elements(of: split) { words.append(try evaluator.text(of: word)) }
        text = try evaluator.joined(words, by: TemplateString(" ", isTrusted: false))
        for (entity, character) in [
            ("&lt;", "<"), ("&gt;", ">"), ("&#34;", "\""), ("&quot;", "\""), ("&#39;", "'"),
            ("&amp;", "&"),
        ] {
            text = try evaluator.replaced(
                TemplateString(entity), with: TemplateString(character, isTrusted: false), in: text, limit: -1)
        }
        return .string(text)
    }

    private static func removing(from text: TemplateString, _ opening: String, _ closing: String) -> TemplateString {
        let open = TemplateString(opening)
        let close = TemplateString(closing)
        let ends = text.offsets(of: close, limit: .max)
        var result = TemplateString()
        var start = 0
        var nextEnd = 0
        for offset in text.offsets(of: open, limit: .max) where offset >= start {
            while nextEnd < ends.count, ends[nextEnd] < offset { nextEnd += 1 }
            guard nextEnd < ends.count else { break }
            result.append(text, range: start..<offset)
            start = ends[nextEnd] + close.utf8.count
        }
        result.append(text, range: start..<text.utf8.count)
        return result
    }

    @Sendable static func urlencode(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "urlencode", [])
        var pairs: [TemplateValue]
        switch value {
        case .dictionary(let dictionary):
            pairs = try evaluator.elements(of: try evaluator.items(of: dictionary, kind: .list))
        case .sequence(let sequence): pairs = sequence.elements
        default: return .string(quoted(try paidText(evaluator, value), isQuery: false))
        }
        var pieces: [TemplateString] = []
        for pair in pairs {
            let parts = try evaluator.elements(of: pair)
            guard parts.count == 2 else { throw evaluator.failure("urlencode needs pairs") }
            var piece = quoted(try paidText(evaluator, parts[0]), isQuery: true)
            piece.append("=", isTrusted: false)
            piece.append(quoted(try paidText(evaluator, parts[1]), isQuery: true))
            pieces.append(piece)
        }
        return .string(try evaluator.joined(pieces, by: TemplateString("&", isTrusted: false)))
    }

    private static func quoted(_ text: TemplateString, isQuery: Bool) -> TemplateString {
        text.markup(false).mapped { scalar in
            let isPlain =
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || "_.-~".unicodeScalars.contains(scalar) || (scalar == "/" && !isQuery)
            if isPlain { return String(scalar) }
            if scalar == " ", isQuery { return "+" }
            return String(scalar).utf8.map { byte in
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.count < 2 ? "0" : "") + digits
            }.joined()
        }
    }
}
