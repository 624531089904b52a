/// Tests of what kind of value something is.
enum TypeTests {
    /// A test that looks at the value alone.
    private static func plain(_ name: String, _ predicate: @escaping @Sendable (TemplateValue) -> Bool)
        -> TemplateTests.Test
    {
        { (evaluator, value, arguments) throws(TemplateError) in
            _ = try evaluator.bind(arguments, to: name, [])
            return predicate(value)
        }
    }

    static let all: [String: TemplateTests.Test] = [
        "defined": plain("defined") { !$0.isUndefined },
        "undefined": plain("undefined") { $0.isUndefined },
        "none": plain("none") { if case .null = $0 { true } else { false } },
        "boolean": plain("boolean") { if case .bool = $0 { true } else { false } },
        "true": plain("true") { if case .bool(true) = $0 { true } else { false } },
        "false": plain("false") { if case .bool(false) = $0 { true } else { false } },
        "integer": plain("integer") { if case .integer = $0 { true } else { false } },
        "float": plain("float") { if case .float = $0 { true } else { false } },
        "number": plain("number") { $0.number != nil },
        "string": plain("string") { if case .string = $0 { true } else { false } },
        "mapping": plain("mapping") { if case .dictionary = $0 { true } else { false } },
        "sequence": plain("sequence", isSequence),
        "iterable": plain("iterable", isIterable),
        "callable": plain("callable", isCallable),
        "escaped": plain("escaped") { if case .string(let text) = $0 { text.isMarkup } else { false } },
        "lower": lower, "upper": upper, "filter": filter, "test": test,
    ]

    @Sendable private static func isSequence(_ value: TemplateValue) -> Bool {
        switch value {
        case .undefined, .string, .dictionary: true
        case .sequence(let sequence): sequence.kind.isIndexed
        default: false
        }
    }

    @Sendable private static func isIterable(_ value: TemplateValue) -> Bool {
        switch value {
        case .undefined, .string, .dictionary, .sequence: true
        case .object(let object): object.kind == .loop
        default: false
        }
    }

    @Sendable private static func isCallable(_ value: TemplateValue) -> Bool {
        switch value {
        case .undefined: true
        case .object(let object): object.kind != .namespace && object.kind != .cycler
        default: false
        }
    }

    @Sendable private static func lower(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        _ = try evaluator.bind(arguments, to: "lower", [])
        return try TextFilters.paidText(evaluator, value).isLowercase
    }

    @Sendable private static func upper(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        _ = try evaluator.bind(arguments, to: "upper", [])
        return try TextFilters.paidText(evaluator, value).isUppercase
    }

    @Sendable private static func filter(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        guard case .string(let name) = value else { return false }
        return TemplateFilters.named(name.text) != nil
    }

    @Sendable private static func test(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        guard case .string(let name) = value else { return false }
        return TemplateTests.named(name.text) != nil
    }
}
