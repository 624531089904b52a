internal import OrderedCollections

extension TemplateEvaluator {
    /// The values for parameters named `names`, in their order; nil where the caller gave none.
    func bind(
        _ arguments: TemplateArguments, to function: String, _ names: [String], required: Int = 0
    ) throws(TemplateError) -> [TemplateValue?] {
        guard arguments.positional.count <= names.count else {
            throw failure(
                "\(function) takes at most \(names.count) arguments, got \(arguments.positional.count)")
        }
        var values: [TemplateValue?] = arguments.positional
        values.append(contentsOf: Array(repeating: nil, count: names.count - values.count))
        for (name, value) in arguments.keyword {
            guard let index = names.firstIndex(of: name) else {
                throw failure("\(function) got an unexpected keyword argument '\(name)'")
            }
            guard values[index] == nil else { throw failure("\(function) got two values for argument '\(name)'") }
            values[index] = value
        }
        for index in 0..<required where values[index] == nil {
            throw failure("\(function) misses its argument '\(names[index])'")
        }
        return values
    }

    /// Calls a value.
    func call(_ function: TemplateValue, _ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        switch function {
        case .undefined(let undefined): throw failure(undefined)
        case .object(let object):
            switch heap[object.id] {
            case .macro(let macro, let scope): return try call(macro, in: scope, arguments)
            case .method(let receiver, let name): return try callMethod(name, of: receiver, arguments)
            case .function(let name): return try callGlobal(name, arguments)
            case .loop(let loop): return try recurse(loop, arguments)
            case .joiner(let joiner):
                _ = try bind(arguments, to: "joiner", [])
                if joiner.isUsed { return joiner.separator }
                joiner.isUsed = true
                return .string(TemplateString())
            default: break
            }
        default: break
        }
        throw failure("'\(function.typeName)' object is not callable")
    }

    /// Calls `receiver.name(…)`: its method, or else what the attribute or item of that name holds.
    func callAttribute(
        _ name: TemplateString, of receiver: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        if TemplateMethods.exists(name.text, on: receiver) {
            return try callMethod(name.text, of: receiver, arguments)
        }
        // The name `dict` is a function, and has one of its own.
        if case .object(let object) = receiver, case .function("dict") = heap[object.id], name.text == "fromkeys" {
            return try callGlobal("dict.fromkeys", arguments)
        }
        return try call(try attribute(name, of: receiver), arguments)
    }

    private func callMethod(
        _ name: String, of receiver: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        if case .object(let object) = receiver {
            switch (heap[object.id], name) {
            case (.loop(let loop), "cycle"): return try cycle(loop, arguments)
            case (.loop(let loop), "changed"): return try changed(loop, arguments)
            case (.cycler(let cycler), "next"):
                let value = cycler.items[cycler.position]
                cycler.position = (cycler.position + 1) % cycler.items.count
                return value
            case (.cycler(let cycler), "reset"):
                cycler.position = 0
                return .null
            default: break
            }
        }
        try charge()
        return try TemplateMethods.call(name, of: receiver, arguments, in: self)
    }

    // MARK: - Loops

    private func recurse(_ loop: TemplateLoop, _ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        guard loop.node.isRecursive else {
            throw failure("the loop must have the 'recursive' marker to be called recursively")
        }
        let values = try bind(arguments, to: "loop", ["iterable"], required: 1)
        let outer = scope
        scope = loop.scope
        defer { scope = outer }
        return .string(
            try capture { () throws(TemplateError) in
                try runLoop(loop.node, over: values[0] ?? .null, depth: loop.depth + 1)
            })
    }

    private func cycle(_ loop: TemplateLoop, _ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        guard !arguments.positional.isEmpty else { throw failure("no items for cycling given") }
        return arguments.positional[max(0, loop.index) % arguments.positional.count]
    }

    private func changed(_ loop: TemplateLoop, _ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        if let last = loop.lastChanged {
            let (before, now) = (try list(last), try list(arguments.positional))
            if try areEqual(before, now) { return .bool(false) }
        }
        loop.lastChanged = arguments.positional
        return .bool(true)
    }

    // MARK: - Macros

    private func call(
        _ macro: MacroNode, in definition: TemplateScope, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        var keyword = arguments.keyword
        func take(_ name: String) -> TemplateValue? {
            guard let index = keyword.firstIndex(where: { $0.name == name }) else { return nil }
            return keyword.remove(at: index).value
        }
        var given: [TemplateValue?] = []
        for (index, parameter) in macro.parameters.enumerated() {
            given.append(
                index < arguments.positional.count ? arguments.positional[index] : take(parameter.name))
        }
        var special: [(name: String, value: TemplateValue)] = []
        if macro.usesCaller, !macro.parameters.contains(where: { $0.name == "caller" }) {
            special.append(("caller", take("caller") ?? .undefined(TemplateUndefined(.other("No caller defined")))))
        }
        if macro.usesKwargs {
            var rest = TemplateDictionary()
            for (name, value) in keyword { rest[.string(TemplateString(name, isTrusted: false))] = value }
            special.append(("kwargs", .dictionary(rest)))
        } else if let extra = keyword.first {
            throw failure("macro '\(macro.name)' takes no keyword argument '\(extra.name)'")
        }
        let surplus = arguments.positional.dropFirst(macro.parameters.count)
        if macro.usesVarargs {
            special.append(("varargs", try sequence(.tuple, Array(surplus))))
        } else if !surplus.isEmpty {
            throw failure("macro '\(macro.name)' takes not more than \(macro.parameters.count) argument(s)")
        }
        return .string(try run(macro, in: definition, given, special))
    }

    private func run(
        _ macro: MacroNode, in definition: TemplateScope, _ given: [TemplateValue?],
        _ special: [(name: String, value: TemplateValue)]
    ) throws(TemplateError) -> TemplateString {
        try within(definition) { () throws(TemplateError) in
            for (name, value) in special { scope.values[name] = value }
            for (parameter, value) in zip(macro.parameters, given) {
                if let value {
                    scope.values[parameter.name] = value
                } else if let node = parameter.defaultValue {
                    scope.values[parameter.name] = try evaluate(node)
                } else {
                    scope.values[parameter.name] = .undefined(
                        TemplateUndefined(.other("parameter '\(parameter.name)' was not provided")))
                }
            }
            return try capture { () throws(TemplateError) in _ = try run(macro.body) }
        }
    }
}
