extension StringMethods {
    // MARK: - Splitting

    @Sendable static func split(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try split(evaluator, text, arguments, "split", fromEnd: false)
    }

    @Sendable static func rsplit(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try split(evaluator, text, arguments, "rsplit", fromEnd: true)
    }

    private static func split(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments, _ name: String,
        fromEnd: Bool
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: name, ["sep", "maxsplit"])
        var limit =
            try values[1].map { (value) throws(TemplateError) in try evaluator.integer(value, "maxsplit") } ?? -1
        if limit < 0 { limit = .max }
        var ranges: [Range<Int>]
        switch values[0] {
        case nil, .some(.null): ranges = spaceSeparated(text, limit: limit, fromEnd: fromEnd)
        case .some(let value):
            let separator = try evaluator.string(value, "the separator of \(name)")
            guard !separator.isEmpty else { throw evaluator.failure("empty separator") }
            ranges = separated(text, by: separator, limit: limit, fromEnd: fromEnd)
        }
        try evaluator.charge(elements: ranges.count)
        return try evaluator.list(ranges.map { .string(text.slice($0)) })
    }

    private static func separated(
        _ text: TemplateString, by separator: TemplateString, limit: Int, fromEnd: Bool
    ) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        if fromEnd {
            var end = text.utf8.count
            var found: [Int] = []
            let reversed = TemplateString(utf8: text.utf8.reversed(), isTrusted: true)
            let mirrored = TemplateString(utf8: separator.utf8.reversed(), isTrusted: true)
            for offset in reversed.offsets(of: mirrored, limit: limit) {
                found.append(text.utf8.count - offset - separator.utf8.count)
            }
            for offset in found {
                ranges.append(offset + separator.utf8.count..<end)
                end = offset
            }
            ranges.append(0..<end)
            return ranges.reversed()
        }
        var start = 0
        for offset in text.offsets(of: separator, limit: limit) {
            ranges.append(start..<offset)
            start = offset + separator.utf8.count
        }
        ranges.append(start..<text.utf8.count)
        return ranges
    }

    private static func spaceSeparated(_ text: TemplateString, limit: Int, fromEnd: Bool) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        var offset = 0
        while offset < text.utf8.count {
            let (scalar, next) = text.scalar(at: offset)
            if PythonText.isSpace(scalar) {
                if let wordStart = start { words.append(wordStart..<offset) }
                start = nil
            } else if start == nil {
                start = offset
            }
            offset = next
        }
        if let start { words.append(start..<text.utf8.count) }
        guard words.count > limit else { return words }
        // What is beyond the limit stays one piece, without the white space at its far end.
        if fromEnd {
            let kept = words.suffix(limit)
            return [0..<words[words.count - limit - 1].upperBound] + kept
        }
        return words.prefix(limit) + [words[limit].lowerBound..<text.utf8.count]
    }

    @Sendable static func splitlines(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "splitlines", ["keepends"])
        let keepsEnds = try evaluator.truth(of: values[0] ?? .bool(false))
        let lines = text.lines(keepsEnds: keepsEnds)
        try evaluator.charge(elements: lines.count)
        return try evaluator.list(lines.map { .string($0) })
    }

    @Sendable static func partition(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try partition(evaluator, text, arguments, "partition", fromEnd: false)
    }

    @Sendable static func rpartition(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try partition(evaluator, text, arguments, "rpartition", fromEnd: true)
    }

    private static func partition(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments, _ name: String,
        fromEnd: Bool
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: name, ["sep"], required: 1)
        let separator = try evaluator.string(values[0] ?? .null, "the separator of \(name)")
        guard !separator.isEmpty else { throw evaluator.failure("empty separator") }
        let whole = 0..<text.utf8.count
        let found = fromEnd ? text.lastOffset(of: separator, in: whole) : text.firstOffset(of: separator, in: whole)
        let empty = TemplateValue.string(text.slice(0..<0))
        guard let offset = found else {
            return try evaluator.sequence(
                .tuple, fromEnd ? [empty, empty, .string(text)] : [.string(text), empty, empty])
        }
        return try evaluator.sequence(
            .tuple,
            [
                .string(text.slice(0..<offset)), .string(separator),
                .string(text.slice(offset + separator.utf8.count..<text.utf8.count)),
            ])
    }

    // MARK: - Joining and filling

    @Sendable static func join(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "join", ["iterable"], required: 1)
        var pieces: [TemplateString] = []
        for (index, element) in try evaluator.elements(of: values[0] ?? .null).enumerated() {
            var piece = try evaluator.string(element, "sequence item \(index)")
            if text.isMarkup, !piece.isMarkup { piece = try evaluator.escaped(piece) }
            pieces.append(piece)
        }
        return .string(try evaluator.joined(pieces, by: text).markup(text.isMarkup))
    }

    private static func fill(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments, _ name: String,
        _ share: (_ missing: Int, _ width: Int) -> Int
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: name, ["width", "fillchar"], required: 1)
        let width = try evaluator.integer(values[0] ?? .null, "the width of \(name)")
        let filler = try evaluator.string(values[1] ?? .trusted(" "), "the fill character of \(name)")
        guard filler.scalarCount == 1 else {
            throw evaluator.failure("the fill character must be exactly one character long")
        }
        return .string(try evaluator.padded(text, to: width, with: filler, share))
    }

    @Sendable static func center(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try fill(evaluator, text, arguments, "center") { $0 / 2 + ($0 & $1 & 1) }
    }

    @Sendable static func ljust(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try fill(evaluator, text, arguments, "ljust") { (_, _) in 0 }
    }

    @Sendable static func rjust(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try fill(evaluator, text, arguments, "rjust") { (missing, _) in missing }
    }

    @Sendable static func zfill(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "zfill", ["width"], required: 1)
        let width = try evaluator.integer(values[0] ?? .null, "the width of zfill")
        let hasSign = text.utf8.first == UInt8(ascii: "+") || text.utf8.first == UInt8(ascii: "-")
        let signLength = hasSign ? 1 : 0
        let body = text.slice(signLength..<text.utf8.count)
        let zero = TemplateString("0", isTrusted: false)
        var result = text.slice(0..<signLength)
        result.append(
            try evaluator.padded(body, to: max(width, 0) - signLength, with: zero) { (missing, _) in missing })
        return .string(result.markup(text.isMarkup))
    }

    @Sendable static func expandtabs(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "expandtabs", ["tabsize"])
        let size = try evaluator.integer(values[0] ?? .integer(8), "tabsize")
        var result = TemplateString()
        var column = 0
        for (scalar, isTrusted) in text.scalars {
            if scalar == "\t" {
                let count = size > 0 ? size - column % size : 0
                try evaluator.charge(bytes: count)
                if result.utf8.count > evaluator.limits.bytes { try evaluator.charge(bytes: result.utf8.count) }
                result.append(String(repeating: " ", count: count), isTrusted: isTrusted)
                column += count
            } else {
                result.append(scalar, isTrusted: isTrusted)
                column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
            }
        }
        return .string(result.markup(text.isMarkup))
    }
}

extension TemplateEvaluator {
    /// The pieces with a separator between them.
    func joined(_ pieces: [TemplateString], by separator: TemplateString) throws(TemplateError) -> TemplateString {
        var result = TemplateString()
        for (index, piece) in pieces.enumerated() {
            try charge((piece.utf8.count + separator.utf8.count) / 32 + 1)
            if index > 0 { result.append(separator) }
            result.append(piece)
            if result.utf8.count > limits.bytes { throw failure("text longer than \(limits.bytes) bytes", .limit) }
        }
        return result
    }

    /// The text filled up to `width` scalars; `share` says how many of the missing ones go before it.
    func padded(
        _ text: TemplateString, to width: Int, with filler: TemplateString, _ share: (Int, Int) -> Int
    ) throws(TemplateError) -> TemplateString {
        let count = text.scalarCount
        guard width > count else { return text }
        let missing = width - count
        let (added, overflow) = missing.multipliedReportingOverflow(by: filler.utf8.count)
        try charge(bytes: overflow ? Int.max : added)
        let before = share(missing, width)
        var result = TemplateString()
        for _ in 0..<before { result.append(filler) }
        result.append(text)
        for _ in before..<missing { result.append(filler) }
        return result.markup(text.isMarkup)
    }
}

extension TemplateString {
    /// Python's `str.splitlines`.
    func lines(keepsEnds: Bool) -> [TemplateString] {
        var result: [TemplateString] = []
        var start = 0
        var offset = 0
        while offset < utf8.count {
            let (scalar, next) = scalar(at: offset)
            if PythonText.isLineBreak(scalar) {
                let isPair = scalar == "\r" && next < utf8.count && utf8[next] == UInt8(ascii: "\n")
                let end = isPair ? next + 1 : next
                result.append(slice(start..<(keepsEnds ? end : offset)))
                start = end
                offset = end
            } else {
                offset = next
            }
        }
        if start < utf8.count { result.append(slice(start..<utf8.count)) }
        return result
    }
}
