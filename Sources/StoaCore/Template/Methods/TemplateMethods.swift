internal import OrderedCollections

/// The methods of values that templates can call, by type.
enum TemplateMethods {
    typealias StringMethod =
        @Sendable (TemplateEvaluator, TemplateString, TemplateArguments) throws(TemplateError) -> TemplateValue

    private static let unsafeOfDictionaries: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]
    private static let unsafeOfLists: Set<String> = [
        "append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove",
    ]
    private static let ofDictionaries: Set<String> = ["get", "items", "keys", "values", "copy"]

    /// Whether values of this type have the method.
    static func exists(_ name: String, on value: TemplateValue) -> Bool {
        switch value {
        case .string: StringMethods.all[name] != nil
        case .dictionary: ofDictionaries.contains(name)
        case .sequence(let sequence):
            switch sequence.kind {
            case .list: name == "index" || name == "count" || name == "copy"
            case .tuple, .group, .range: name == "index" || name == "count"
            default: false
            }
        case .float: name == "is_integer"
        default: false
        }
    }

    /// Whether Python has the method and a template may not call it, because it changes the value.
    static func isUnsafe(_ name: String, on value: TemplateValue) -> Bool {
        switch value {
        case .dictionary: unsafeOfDictionaries.contains(name)
        case .sequence(let sequence): sequence.kind.isList && unsafeOfLists.contains(name)
        default: false
        }
    }

    /// Calls a method that exists.
    static func call(
        _ name: String, of value: TemplateValue, _ arguments: TemplateArguments, in evaluator: TemplateEvaluator
    ) throws(TemplateError) -> TemplateValue {
        switch value {
        case .string(let text):
            guard let method = StringMethods.all[name] else { break }
            try evaluator.charge(bytes: text.utf8.count)
            return try method(evaluator, text, arguments)
        case .dictionary(let dictionary): return try call(name, of: dictionary, arguments, in: evaluator)
        case .sequence(let sequence): return try call(name, of: sequence, arguments, in: evaluator)
        case .float(let number) where name == "is_integer": return .bool(number == number.rounded())
        default: break
        }
        throw evaluator.failure("'\(value.typeName)' object has no method '\(name)'")
    }

    private static func call(
        _ name: String, of dictionary: TemplateDictionary, _ arguments: TemplateArguments,
        in evaluator: TemplateEvaluator
    ) throws(TemplateError) -> TemplateValue {
        if name == "get" {
            guard arguments.keyword.isEmpty else { throw evaluator.failure("get() takes no keyword arguments") }
            let values = try evaluator.bind(arguments, to: "get", ["key", "default"], required: 1)
            return dictionary[try evaluator.key(of: values[0] ?? .null)] ?? values[1] ?? .null
        }
        _ = try evaluator.bind(arguments, to: name, [])
        switch name {
        case "keys": return try evaluator.sequence(.keys, dictionary.members.keys.map(\.value))
        case "values": return try evaluator.sequence(.values, Array(dictionary.members.values))
        case "items": return try evaluator.items(of: dictionary, kind: .items)
        default: return .dictionary(dictionary)
        }
    }

    private static func call(
        _ name: String, of sequence: TemplateSequence, _ arguments: TemplateArguments,
        in evaluator: TemplateEvaluator
    ) throws(TemplateError) -> TemplateValue {
        if name == "copy" { return .sequence(sequence) }
        let names = name == "index" ? ["value", "start", "stop"] : ["value"]
        let values = try evaluator.bind(arguments, to: name, names, required: 1)
        let wanted = values[0] ?? .null
        if name == "count" {
            var count = 0
            for element in sequence.elements where try evaluator.areEqual(element, wanted) { count += 1 }
            return .integer(count)
        }
        var bounds: [Int?] = []
        for value in values.dropFirst() {
            bounds.append(try value.map { (value) throws(TemplateError) in try evaluator.integer(value, "a bound") })
        }
        for index in TemplateEvaluator.indices(bounds[0], bounds[1], 1, count: sequence.elements.count)
        where try evaluator.areEqual(sequence.elements[index], wanted) { return .integer(index) }
        throw evaluator.failure("\(try evaluator.representation(of: wanted).text) is not in the list")
    }
}

extension TemplateEvaluator {
    /// The pairs of a dictionary.
    func items(of dictionary: TemplateDictionary, kind: TemplateSequence.Kind) throws(TemplateError) -> TemplateValue {
        try charge(elements: dictionary.count * 2)
        return try sequence(
            kind,
            dictionary.members.elements.map { .sequence(TemplateSequence(.tuple, [$0.key.value, $0.value])) })
    }
}
