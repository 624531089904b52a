/// Python's `str` methods.
///
/// The caller has paid for one pass over the receiver.
enum StringMethods {
    static let all: [String: TemplateMethods.StringMethod] = [
        "capitalize": capitalize, "center": center, "count": count, "endswith": endswith, "expandtabs": expandtabs,
        "find": find, "format": format, "index": index, "isalnum": isalnum, "isalpha": isalpha, "isascii": isascii,
        "isdecimal": isdecimal, "isdigit": isdigit, "isidentifier": isidentifier, "islower": islower,
        "isnumeric": isnumeric, "isprintable": isprintable, "isspace": isspace, "istitle": istitle,
        "isupper": isupper, "join": join, "ljust": ljust, "lower": lower, "lstrip": lstrip, "partition": partition,
        "removeprefix": removeprefix, "removesuffix": removesuffix, "replace": replace, "rfind": rfind,
        "rindex": rindex, "rjust": rjust, "rpartition": rpartition, "rsplit": rsplit, "rstrip": rstrip,
        "split": split, "splitlines": splitlines, "startswith": startswith, "strip": strip, "swapcase": swapcase,
        "title": title, "upper": upper, "zfill": zfill,
    ]

    // MARK: - Ends

    @Sendable static func strip(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try strip(evaluator, text, arguments, "strip", leading: true, trailing: true)
    }

    @Sendable static func lstrip(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try strip(evaluator, text, arguments, "lstrip", leading: true, trailing: false)
    }

    @Sendable static func rstrip(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try strip(evaluator, text, arguments, "rstrip", leading: false, trailing: true)
    }

    static func strip(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments, _ name: String,
        leading: Bool, trailing: Bool
    ) throws(TemplateError) -> TemplateValue {
        guard let value = try evaluator.bind(arguments, to: name, ["chars"])[0] else {
            return .string(text.trimmed(leading: leading, trailing: trailing, PythonText.isSpace))
        }
        if case .null = value {
            return .string(text.trimmed(leading: leading, trailing: trailing, PythonText.isSpace))
        }
        let characters = Set(try evaluator.string(value, "the argument of \(name)").text.unicodeScalars)
        return .string(text.trimmed(leading: leading, trailing: trailing) { characters.contains($0) })
    }

    @Sendable static func startswith(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try hasEnd(evaluator, text, arguments, "startswith") { $0.starts(with: $1) }
    }

    @Sendable static func endswith(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try hasEnd(evaluator, text, arguments, "endswith") { $0.count >= $1.count && $0.suffix($1.count) == $1[...] }
    }

    private static func hasEnd(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments, _ name: String,
        _ matches: (ArraySlice<UInt8>, [UInt8]) -> Bool
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: name, ["prefix", "start", "end"], required: 1)
        guard let range = try byteRange(evaluator, text, values[1], values[2]) else { return .bool(false) }
        let part = text.utf8[range]
        if case .sequence(let sequence) = values[0], sequence.kind.isTuple {
            for element in sequence.elements {
                if matches(part, try evaluator.string(element, "tuple for \(name)").utf8) { return .bool(true) }
            }
            return .bool(false)
        }
        return .bool(matches(part, try evaluator.string(values[0] ?? .null, "\(name) first arg").utf8))
    }

    @Sendable static func removeprefix(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "removeprefix", ["prefix"], required: 1)
        let prefix = try evaluator.string(values[0] ?? .null, "removeprefix() argument").utf8
        guard text.utf8.starts(with: prefix) else { return .string(text) }
        return .string(text.slice(prefix.count..<text.utf8.count))
    }

    @Sendable static func removesuffix(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "removesuffix", ["suffix"], required: 1)
        let suffix = try evaluator.string(values[0] ?? .null, "removesuffix() argument").utf8
        guard !suffix.isEmpty, text.utf8.suffix(suffix.count) == suffix[...] else { return .string(text) }
        return .string(text.slice(0..<text.utf8.count - suffix.count))
    }

    // MARK: - Search

    /// The range in bytes that `start` and `end`, given in scalars, select; nil where they select nothing, not even
    /// the empty text.
    static func byteRange(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ start: TemplateValue?, _ end: TemplateValue?
    ) throws(TemplateError) -> Range<Int>? {
        func bound(_ value: TemplateValue?) throws(TemplateError) -> Int? {
            guard let value else { return nil }
            if case .null = value { return nil }
            return try evaluator.integer(value, "a slice index")
        }
        let (first, last) = (try bound(start), try bound(end))
        if first == nil, last == nil { return 0..<text.utf8.count }
        let count = text.scalarCount
        func clamp(_ index: Int) -> Int { index < 0 ? max(0, max(index, -count) + count) : index }
        let low = clamp(first ?? 0)
        let high = min(clamp(last ?? count), count)
        guard low <= high else { return nil }
        return text.offset(ofScalar: low)..<text.offset(ofScalar: high)
    }

    private static func search(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments, _ name: String,
        isLast: Bool
    ) throws(TemplateError) -> Int? {
        let values = try evaluator.bind(arguments, to: name, ["sub", "start", "end"], required: 1)
        let needle = try evaluator.string(values[0] ?? .null, "\(name)() argument")
        guard let range = try byteRange(evaluator, text, values[1], values[2]) else { return nil }
        let offset = isLast ? text.lastOffset(of: needle, in: range) : text.firstOffset(of: needle, in: range)
        return offset.map(text.scalarIndex(ofByte:))
    }

    @Sendable static func find(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        .integer(try search(evaluator, text, arguments, "find", isLast: false) ?? -1)
    }

    @Sendable static func rfind(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        .integer(try search(evaluator, text, arguments, "rfind", isLast: true) ?? -1)
    }

    @Sendable static func index(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        guard let index = try search(evaluator, text, arguments, "index", isLast: false) else {
            throw evaluator.failure("substring not found")
        }
        return .integer(index)
    }

    @Sendable static func rindex(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        guard let index = try search(evaluator, text, arguments, "rindex", isLast: true) else {
            throw evaluator.failure("substring not found")
        }
        return .integer(index)
    }

    @Sendable static func count(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "count", ["sub", "start", "end"], required: 1)
        let needle = try evaluator.string(values[0] ?? .null, "count() argument")
        guard let range = try byteRange(evaluator, text, values[1], values[2]) else { return .integer(0) }
        let part = text.slice(range)
        if needle.isEmpty { return .integer(part.scalarCount + 1) }
        return .integer(part.offsets(of: needle, limit: .max).count)
    }

    @Sendable static func replace(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "replace", ["old", "new", "count"], required: 2)
        let old = try evaluator.string(values[0] ?? .null, "replace() argument 1")
        var new = try evaluator.string(values[1] ?? .null, "replace() argument 2")
        if text.isMarkup, !new.isMarkup { new = try evaluator.escaped(new) }
        let limit = try values[2].map { (value) throws(TemplateError) in try evaluator.integer(value, "count") } ?? -1
        return .string(try evaluator.replaced(old, with: new, in: text, limit: limit))
    }
}

extension TemplateEvaluator {
    /// Python's `text.replace(old, new, limit)`; a negative limit is none.
    func replaced(
        _ old: TemplateString, with new: TemplateString, in text: TemplateString, limit: Int
    ) throws(TemplateError) -> TemplateString {
        let most = limit < 0 ? Int.max : limit
        let offsets: [Int]
        if old.isEmpty {
            offsets = Array(text.scalarOffsets.prefix(most))
        } else {
            offsets = text.offsets(of: old, limit: most)
        }
        if offsets.isEmpty { return text }
        let (added, overflow) = new.utf8.count.multipliedReportingOverflow(by: offsets.count)
        try charge(bytes: overflow ? Int.max : text.utf8.count + added)
        try charge(offsets.count)
        var result = TemplateString()
        var start = 0
        for offset in offsets {
            result.append(text, range: start..<offset)
            result.append(new)
            start = offset + old.utf8.count
        }
        result.append(text, range: start..<text.utf8.count)
        return result.markup(text.isMarkup)
    }
}
