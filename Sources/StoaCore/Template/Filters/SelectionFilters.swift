/// Filters that apply another filter or a test to each element.
enum SelectionFilters {
    static let all: [String: TemplateFilters.Filter] = [
        "map": map, "reject": reject, "rejectattr": rejectattr, "select": select, "selectattr": selectattr,
    ]

    /// The elements to look at: none of anything that counts as false, even where it could not be walked.
    private static func elements(
        of value: TemplateValue, _ evaluator: TemplateEvaluator
    ) throws(TemplateError) -> [TemplateValue] {
        try evaluator.truth(of: value) ? try evaluator.elements(of: value) : []
    }

    @Sendable static func map(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        var result: [TemplateValue] = []
        if arguments.positional.isEmpty, arguments.keyword.contains(where: { $0.name == "attribute" }) {
            let values = try evaluator.bind(arguments, to: "map", ["attribute", "default"])
            let path = try TemplatePath(values[0], evaluator)
            var fallback = values[1]
            if case .some(.null) = fallback { fallback = nil }
            for element in try elements(of: value, evaluator) {
                result.append(try path.value(in: element, evaluator, fallback: fallback))
            }
            return try evaluator.sequence(.iterator, result)
        }
        let elements = try elements(of: value, evaluator)
        if elements.isEmpty { return try evaluator.sequence(.iterator, []) }
        guard let first = arguments.positional.first else {
            throw evaluator.failure("map requires a filter argument")
        }
        let name = try evaluator.string(first, "the filter of map").text
        let rest = TemplateArguments(Array(arguments.positional.dropFirst()), keyword: arguments.keyword)
        for element in elements { result.append(try evaluator.applyFilter(name, to: element, rest)) }
        return try evaluator.sequence(.iterator, result)
    }

    private static func selected(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments, keeps: Bool,
        byAttribute: Bool
    ) throws(TemplateError) -> TemplateValue {
        let elements = try elements(of: value, evaluator)
        if elements.isEmpty { return try evaluator.sequence(.iterator, []) }
        var positional = arguments.positional[...]
        var path = try TemplatePath(nil, evaluator)
        if byAttribute {
            guard let attribute = positional.popFirst() else {
                throw evaluator.failure("missing parameter for attribute name")
            }
            path = try TemplatePath(attribute, evaluator)
        }
        var test: String?
        if let name = positional.popFirst() { test = try evaluator.string(name, "the name of a test").text }
        let rest = TemplateArguments(Array(positional), keyword: arguments.keyword)
        var result: [TemplateValue] = []
        for element in elements {
            try evaluator.charge()
            let part = try path.value(in: element, evaluator)
            let holds: Bool
            if let test {
                holds = try evaluator.applyTest(test, to: part, rest)
            } else {
                holds = try evaluator.truth(of: part)
            }
            if holds == keeps { result.append(element) }
        }
        return try evaluator.sequence(.iterator, result)
    }

    @Sendable static func select(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try selected(evaluator, value, arguments, keeps: true, byAttribute: false)
    }

    @Sendable static func reject(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try selected(evaluator, value, arguments, keeps: false, byAttribute: false)
    }

    @Sendable static func selectattr(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try selected(evaluator, value, arguments, keeps: true, byAttribute: true)
    }

    @Sendable static func rejectattr(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try selected(evaluator, value, arguments, keeps: false, byAttribute: true)
    }
}
