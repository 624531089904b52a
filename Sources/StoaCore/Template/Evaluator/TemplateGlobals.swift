internal import OrderedCollections

/// The functions every template can call.
enum TemplateGlobals {
    static let names: Set<String> = [
        "range", "dict", "namespace", "cycler", "joiner", "raise_exception", "strftime_now",
    ]
}

extension TemplateEvaluator {
    func callGlobal(_ name: String, _ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        try charge()
        switch name {
        case "range": return try range(arguments)
        case "dict": return .dictionary(try dictionary(arguments))
        case "dict.fromkeys": return try dictionaryFromKeys(arguments)
        case "namespace": return try namespace(arguments)
        case "cycler":
            guard !arguments.positional.isEmpty else { throw failure("at least one item has to be provided") }
            return allocate(.cycler(TemplateCycler(items: arguments.positional)))
        case "joiner":
            let values = try bind(arguments, to: "joiner", ["sep"])
            return allocate(.joiner(TemplateJoiner(separator: values[0] ?? .trusted(", "))))
        case "raise_exception":
            let values = try bind(arguments, to: "raise_exception", ["message"], required: 1)
            throw failure(try text(of: values[0] ?? .null).text, .raised)
        case "strftime_now":
            let values = try bind(arguments, to: "strftime_now", ["format"], required: 1)
            let format = try string(values[0] ?? .null, "the format of strftime_now")
            guard let now else { throw failure("strftime_now needs a date, and this rendering was given none") }
            try charge(bytes: format.utf8.count * 8)
            return .string(TemplateString(now.formatted(format.text), isTrusted: false))
        default: throw failure("'\(name)' is not a function")
        }
    }

    private func range(_ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        guard arguments.keyword.isEmpty else { throw failure("range() takes no keyword arguments") }
        guard (1...3).contains(arguments.positional.count) else {
            throw failure("range expected 1 to 3 arguments, got \(arguments.positional.count)")
        }
        var numbers: [Int] = []
        for value in arguments.positional { numbers.append(try integer(value, "a bound of range")) }
        let start = numbers.count == 1 ? 0 : numbers[0]
        let stop = numbers.count == 1 ? numbers[0] : numbers[1]
        let step = numbers.count == 3 ? numbers[2] : 1
        guard step != 0 else { throw failure("range() arg 3 must not be zero") }
        let isEmpty = step > 0 ? start >= stop : start <= stop
        let span = isEmpty ? 0 : UInt(bitPattern: step > 0 ? stop &- start : start &- stop)
        let count = isEmpty ? 0 : (span - 1) / step.magnitude + 1
        guard count <= UInt(limits.elements) else {
            throw failure("range of \(count) elements, at most \(limits.elements) are allowed", .limit)
        }
        var elements: [TemplateValue] = []
        elements.reserveCapacity(Int(count))
        for index in 0..<Int(count) { elements.append(.integer(start &+ index &* step)) }
        return try sequence(.range(TemplateSequence.Bounds(start: start, stop: stop, step: step)), elements)
    }

    /// What `dict(…)` makes of a mapping or pairs, and of keyword arguments.
    func dictionary(_ arguments: TemplateArguments) throws(TemplateError) -> TemplateDictionary {
        guard arguments.positional.count <= 1 else {
            throw failure("dict expected at most 1 argument, got \(arguments.positional.count)")
        }
        var result = TemplateDictionary()
        switch arguments.positional.first {
        case nil: break
        case .dictionary(let dictionary): result = dictionary
        case .some(let pairs):
            for pair in try elements(of: pairs) {
                let parts = try elements(of: pair)
                guard parts.count == 2 else {
                    throw failure("dictionary update sequence element has length \(parts.count); 2 is required")
                }
                result[try key(of: parts[0])] = parts[1]
            }
        }
        for (name, value) in arguments.keyword {
            // A name may have come out of a dictionary of the context through `**`.
            result[.string(TemplateString(name, isTrusted: false))] = value
        }
        try charge(result.count)
        try check(depth: result.depth)
        return result
    }

    private func dictionaryFromKeys(_ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        let values = try bind(arguments, to: "dict.fromkeys", ["iterable", "value"], required: 1)
        var result = TemplateDictionary()
        for element in try elements(of: values[0] ?? .null) { result[try key(of: element)] = values[1] ?? .null }
        try check(depth: result.depth)
        return .dictionary(result)
    }

    private func namespace(_ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        let namespace = TemplateNamespace()
        for (key, value) in try dictionary(arguments).members {
            guard case .string(let name) = key else { throw failure("the names of a namespace must be strings") }
            try setAttribute(name, of: namespace, to: value)
        }
        return allocate(.namespace(namespace))
    }
}
