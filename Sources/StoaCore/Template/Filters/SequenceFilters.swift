/// Filters over lists, dictionaries and text as collections.
enum SequenceFilters {
    static let all: [String: TemplateFilters.Filter] = [
        "attr": attr, "batch": batch, "count": length, "d": fallback, "default": fallback, "first": first,
        "items": items, "join": join, "last": last, "length": length, "list": list, "reverse": reverse,
        "slice": slice, "sum": sum,
    ]

    @Sendable static func fallback(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "default", ["default_value", "boolean"])
        let coversFalse = try evaluator.truth(of: values[1] ?? .bool(false))
        let isMissing = value.isUndefined ? true : coversFalse ? !(try evaluator.truth(of: value)) : false
        return isMissing ? values[0] ?? .string(TemplateString()) : value
    }

    @Sendable static func length(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "length", [])
        if case .string(let text) = value { try evaluator.charge(bytes: text.utf8.count) }
        return .integer(try evaluator.length(of: value))
    }

    @Sendable static func first(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "first", [])
        return try evaluator.elements(of: value).first
            ?? .undefined(TemplateUndefined(.other("no first item, sequence was empty")))
    }

    @Sendable static func last(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "last", [])
        try requireReversible(evaluator, value)
        return try evaluator.elements(of: value).last
            ?? .undefined(TemplateUndefined(.other("no last item, sequence was empty")))
    }

    private static func requireReversible(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue
    ) throws(TemplateError) {
        if case .sequence(let sequence) = value, sequence.kind.isIterator {
            throw evaluator.failure("'\(value.typeName)' object is not reversible")
        }
        if case .undefined(let undefined) = value { throw evaluator.failure(undefined) }
    }

    @Sendable static func list(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "list", [])
        return try evaluator.list(try evaluator.elements(of: value))
    }

    @Sendable static func items(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "items", [])
        switch value {
        case .undefined: return try evaluator.sequence(.iterator, [])
        case .dictionary(let dictionary): return try evaluator.items(of: dictionary, kind: .iterator)
        default: throw evaluator.failure("can only get item pairs from a mapping, not \(value.typeName)")
        }
    }

    @Sendable static func reverse(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "reverse", [])
        if case .string = value {
            return try evaluator.slice(value, from: .null, to: .null, by: .integer(-1))
        }
        let reversed: [TemplateValue] = try evaluator.elements(of: value).reversed()
        if case .sequence(let sequence) = value, sequence.kind.isIterator { return try evaluator.list(reversed) }
        return try evaluator.sequence(.iterator, reversed)
    }

    @Sendable static func join(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "join", ["d", "attribute"])
        let separator = try evaluator.text(of: values[0] ?? .string(TemplateString())).markup(false)
        let path = try TemplatePath(values[1], evaluator)
        var pieces: [TemplateString] = []
        for element in try evaluator.elements(of: value) {
            pieces.append(try evaluator.text(of: try path.value(in: element, evaluator)))
        }
        return .string(try evaluator.joined(pieces, by: separator).markup(false))
    }

    @Sendable static func sum(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "sum", ["attribute", "start"])
        let path = try TemplatePath(values[0], evaluator)
        var total = values[1] ?? .integer(0)
        if case .string = total { throw evaluator.failure("sum() can't sum strings") }
        // A list of lists is put together in one piece, not copied anew for each of them.
        var joined: [TemplateValue]?
        if case .sequence(let start) = total, start.kind.isList { joined = start.elements }
        for element in try evaluator.elements(of: value) {
            try evaluator.charge()
            let part = try path.value(in: element, evaluator)
            if joined != nil, case .sequence(let list) = part, list.kind.isList {
                try evaluator.charge(elements: list.elements.count)
                joined?.append(contentsOf: list.elements)
            } else {
                if let elements = joined { total = try evaluator.list(elements) }
                total = try evaluator.binary(.add, total, part)
            }
        }
        return try joined.map { elements throws(TemplateError) in try evaluator.list(elements) } ?? total
    }

    @Sendable static func attr(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "attr", ["name"], required: 1)
        let name = try evaluator.string(values[0] ?? .null, "the name of attr")
        if case .undefined(let undefined) = value { throw evaluator.failure(undefined) }
        return try evaluator.ownAttribute(name, of: value)
            ?? .undefined(TemplateUndefined(.attribute(of: value.typeName, named: name.text)))
    }

    @Sendable static func batch(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "batch", ["linecount", "fill_with"], required: 1)
        let size = try evaluator.integer(values[0] ?? .null, "the size of batch")
        var batches: [TemplateValue] = []
        var current: [TemplateValue] = []
        for element in try evaluator.elements(of: value) {
            // A size below one is never reached, except by the empty batch that comes first.
            if current.count == size {
                batches.append(try evaluator.list(current))
                current = []
            }
            current.append(element)
        }
        if !current.isEmpty {
            if let filler = values[1], !isNone(filler), current.count < size {
                guard size <= evaluator.limits.elements else {
                    throw evaluator.failure("list longer than \(evaluator.limits.elements) elements", .limit)
                }
                current.append(contentsOf: Array(repeating: filler, count: size - current.count))
            }
            batches.append(try evaluator.list(current))
        }
        return try evaluator.sequence(.iterator, batches)
    }

    private static func isNone(_ value: TemplateValue) -> Bool {
        if case .null = value { return true }
        return false
    }

    @Sendable static func slice(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "slice", ["slices", "fill_with"], required: 1)
        let count = try evaluator.integer(values[0] ?? .null, "the number of slices")
        guard count != 0 else { throw evaluator.failure("integer division or modulo by zero") }
        guard count <= evaluator.limits.elements else {
            throw evaluator.failure("list longer than \(evaluator.limits.elements) elements", .limit)
        }
        let elements = try evaluator.elements(of: value)
        var slices: [TemplateValue] = []
        var start = 0
        for index in 0..<max(0, count) {
            let hasExtra = index < elements.count % count
            let end = start + elements.count / count + (hasExtra ? 1 : 0)
            var slice = Array(elements[start..<end])
            if let filler = values[1], !isNone(filler), !hasExtra { slice.append(filler) }
            slices.append(try evaluator.list(slice))
            start = end
        }
        return try evaluator.sequence(.iterator, slices)
    }
}

/// The path that `attribute=` arguments name: items and attributes with dots between them, digits being numbers.
struct TemplatePath {
    let parts: [TemplateValue]

    init(_ value: TemplateValue?, _ evaluator: TemplateEvaluator) throws(TemplateError) {
        switch value {
        case nil, .some(.null): parts = []
        case .some(.string(let path)): parts = TemplatePath.parts(of: path.text[...])
        case .some(let value): parts = [value]
        }
        try evaluator.charge(parts.count)
    }

    init(_ path: Substring) { parts = TemplatePath.parts(of: path) }

    private static func parts(of path: Substring) -> [TemplateValue] {
        path.split(separator: ".", omittingEmptySubsequences: false).map { part in
            if !part.isEmpty, part.allSatisfy({ $0.isASCII && $0.isNumber }), let index = Int(part) {
                return .integer(index)
            }
            return .string(TemplateString(String(part)))
        }
    }

    func value(
        in item: TemplateValue, _ evaluator: TemplateEvaluator, fallback: TemplateValue? = nil
    ) throws(TemplateError) -> TemplateValue {
        var result = item
        for part in parts {
            try evaluator.charge()
            result = try evaluator.item(part, of: result)
            if let fallback, result.isUndefined { result = fallback }
        }
        return result
    }
}
