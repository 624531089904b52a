/// Filters that lay text out.
enum LayoutFilters {
    static let all: [String: TemplateFilters.Filter] = [
        "center": center, "indent": indent, "truncate": truncate, "wordcount": wordcount,
    ]

    @Sendable static func center(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "center", ["width"])
        return try StringMethods.center(
            evaluator, try TextFilters.paidText(evaluator, value), TemplateArguments([values[0] ?? .integer(80)]))
    }

    @Sendable static func indent(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "indent", ["width", "first", "blank"])
        var indention: TemplateString
        if case .string(let text) = values[0] {
            indention = text
        } else {
            let width = try evaluator.integer(values[0] ?? .integer(4), "the width of indent")
            try evaluator.charge(bytes: max(0, width))
            indention = TemplateString(String(repeating: " ", count: max(0, width)), isTrusted: false)
        }
        let indentsFirst = try evaluator.truth(of: values[1] ?? .bool(false))
        let indentsBlank = try evaluator.truth(of: values[2] ?? .bool(false))
        let text = try evaluator.string(value, "the text of indent")
        var terminated = text
        terminated.append("\n", isTrusted: false)
        let lines = terminated.lines(keepsEnds: false)
        try evaluator.charge(bytes: text.utf8.count)
        let (added, overflow) = indention.utf8.count.multipliedReportingOverflow(by: lines.count)
        try evaluator.charge(bytes: overflow ? Int.max : text.utf8.count + added)
        var result = TemplateString()
        for (index, line) in lines.enumerated() {
            if index > 0 { result.append("\n", isTrusted: false) }
            let isIndented = index == 0 ? indentsFirst : indentsBlank || !line.isEmpty
            if isIndented { result.append(indention) }
            result.append(line)
        }
        return .string(result.markup(text.isMarkup))
    }

    @Sendable static func truncate(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "truncate", ["length", "killwords", "end", "leeway"])
        let text = try evaluator.string(value, "the text of truncate")
        try evaluator.charge(bytes: text.utf8.count)
        let length = try evaluator.integer(values[0] ?? .integer(255), "the length of truncate")
        let killsWords = try evaluator.truth(of: values[1] ?? .bool(false))
        let end = try evaluator.string(values[2] ?? .trusted("..."), "the end of truncate")
        var leeway = 5
        switch values[3] {
        case nil, .some(.null): break
        case .some(let value): leeway = try evaluator.integer(value, "the leeway of truncate")
        }
        guard length >= end.scalarCount else {
            throw evaluator.failure("expected length >= \(end.scalarCount), got \(length)")
        }
        guard leeway >= 0 else { throw evaluator.failure("expected leeway >= 0, got \(leeway)") }
        let (most, overflow) = length.addingReportingOverflow(leeway)
        if overflow || text.scalarCount <= most { return value }
        var result = text.slice(0..<text.offset(ofScalar: length - end.scalarCount))
        if !killsWords, let blank = result.utf8.lastIndex(of: UInt8(ascii: " ")) { result = result.slice(0..<blank) }
        return .string(try evaluator.joined(result, end))
    }

    @Sendable static func wordcount(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "wordcount", [])
        var count = 0
        var isInWord = false
        for scalar in try TextFilters.paidText(evaluator, value).text.unicodeScalars {
            let isWord =
                scalar == "_" || PythonText.isLetter(scalar) || scalar.properties.numericType != nil
            if isWord, !isInWord { count += 1 }
            isInWord = isWord
        }
        return .integer(count)
    }
}
