internal import OrderedCollections

/// Filters that order, group or pick by comparison.
enum OrderFilters {
    static let all: [String: TemplateFilters.Filter] = [
        "dictsort": dictsort, "groupby": groupby, "max": max, "min": min, "sort": sort, "unique": unique,
    ]

    /// The value as it is compared: text in lower case unless case counts.
    private static func comparable(
        _ value: TemplateValue, isCaseSensitive: Bool, _ evaluator: TemplateEvaluator
    ) throws(TemplateError) -> TemplateValue {
        guard !isCaseSensitive, case .string(let text) = value else { return value }
        try evaluator.charge(bytes: text.utf8.count)
        return .string(text.lowercased)
    }

    @Sendable static func sort(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "sort", ["reverse", "case_sensitive", "attribute"])
        let isReversed = try evaluator.truth(of: values[0] ?? .bool(false))
        let isCaseSensitive = try evaluator.truth(of: values[1] ?? .bool(false))
        var paths: [TemplatePath]
        if case .string(let names) = values[2] {
            paths = names.text.split(separator: ",", omittingEmptySubsequences: false).map { TemplatePath($0) }
        } else {
            paths = [try TemplatePath(values[2], evaluator)]
        }
        let elements = try evaluator.elements(of: value)
        var keys: [TemplateValue] = []
        for element in elements {
            var parts: [TemplateValue] = []
            for path in paths {
                parts.append(
                    try comparable(
                        try path.value(in: element, evaluator), isCaseSensitive: isCaseSensitive, evaluator))
            }
            keys.append(try evaluator.list(parts))
        }
        return try evaluator.list(try evaluator.sorted(elements, keys: keys, isReversed: isReversed))
    }

    @Sendable static func dictsort(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "dictsort", ["case_sensitive", "by", "reverse"])
        let isCaseSensitive = try evaluator.truth(of: values[0] ?? .bool(false))
        let by = try evaluator.string(values[1] ?? .trusted("key"), "the order of dictsort").text
        let isReversed = try evaluator.truth(of: values[2] ?? .bool(false))
        guard by == "key" || by == "value" else {
            throw evaluator.failure("you can only sort by either \"key\" or \"value\"")
        }
        switch value {
        case .dictionary(let dictionary):
            var keys: [TemplateValue] = []
            for (key, item) in dictionary.members {
                keys.append(
                    try comparable(by == "key" ? key.value : item, isCaseSensitive: isCaseSensitive, evaluator))
            }
            let pairs = try evaluator.elements(of: try evaluator.items(of: dictionary, kind: .items))
            return try evaluator.list(try evaluator.sorted(pairs, keys: keys, isReversed: isReversed))
        case .undefined(let undefined): throw evaluator.failure(undefined)
        default: throw evaluator.failure("dictsort needs a mapping, not \(value.typeName)")
        }
    }

    @Sendable static func unique(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "unique", ["case_sensitive", "attribute"])
        let isCaseSensitive = try evaluator.truth(of: values[0] ?? .bool(false))
        let path = try TemplatePath(values[1], evaluator)
        var seen: Set<TemplateKey> = []
        var result: [TemplateValue] = []
        for element in try evaluator.elements(of: value) {
            let key = try comparable(
                try path.value(in: element, evaluator), isCaseSensitive: isCaseSensitive, evaluator)
            if seen.insert(try evaluator.key(of: key)).inserted { result.append(element) }
        }
        return try evaluator.sequence(.iterator, result)
    }

    private static func extreme(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments, _ name: String
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: name, ["case_sensitive", "attribute"])
        let isCaseSensitive = try evaluator.truth(of: values[0] ?? .bool(false))
        let path = try TemplatePath(values[1], evaluator)
        var best: (element: TemplateValue, key: TemplateValue)?
        for element in try evaluator.elements(of: value) {
            let key = try comparable(
                try path.value(in: element, evaluator), isCaseSensitive: isCaseSensitive, evaluator)
            guard let current = best else {
                best = (element, key)
                continue
            }
            let isBetter =
                name == "min" ? try evaluator.isLess(key, current.key) : try evaluator.isLess(current.key, key)
            if isBetter { best = (element, key) }
        }
        return best?.element ?? .undefined(TemplateUndefined(.other("no aggregated item, sequence was empty")))
    }

    @Sendable static func min(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try extreme(evaluator, value, arguments, "min")
    }

    @Sendable static func max(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try extreme(evaluator, value, arguments, "max")
    }

    @Sendable static func groupby(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(
            arguments, to: "groupby", ["attribute", "default", "case_sensitive"], required: 1)
        let isCaseSensitive = try evaluator.truth(of: values[2] ?? .bool(false))
        let path = try TemplatePath(values[0], evaluator)
        var fallback = values[1]
        if case .some(.null) = fallback { fallback = nil }
        func key(_ element: TemplateValue) throws(TemplateError) -> TemplateValue {
            try comparable(
                try path.value(in: element, evaluator, fallback: fallback), isCaseSensitive: isCaseSensitive,
                evaluator)
        }
        let elements = try evaluator.elements(of: value)
        var keys: [TemplateValue] = []
        for element in elements { keys.append(try key(element)) }
        var groups: [(key: TemplateValue, elements: [TemplateValue])] = []
        for element in try evaluator.sorted(elements, keys: keys, isReversed: false) {
            let own = try key(element)
            if let last = groups.last, try evaluator.areEqual(last.key, own) {
                groups[groups.count - 1].elements.append(element)
            } else {
                groups.append((own, [element]))
            }
        }
        var result: [TemplateValue] = []
        for group in groups {
            let grouper = try path.value(in: group.elements[0], evaluator, fallback: fallback)
            result.append(try evaluator.sequence(.group, [grouper, try evaluator.list(group.elements)]))
        }
        return try evaluator.list(result)
    }
}
