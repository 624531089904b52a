/// Tests against another value.
enum ComparisonTests {
    private static func comparison(_ operation: ExpressionNode.Comparison) -> TemplateTests.Test {
        { (evaluator, value, arguments) throws(TemplateError) in
            let other = try argument(evaluator, arguments, operation.rawValue)
            return try evaluator.compare(operation, value, other)
        }
    }

    static let all: [String: TemplateTests.Test] = [
        "==": comparison(.equal), "eq": comparison(.equal), "equalto": comparison(.equal),
        "!=": comparison(.notEqual), "ne": comparison(.notEqual), ">": comparison(.greater),
        "gt": comparison(.greater), "greaterthan": comparison(.greater), ">=": comparison(.greaterOrEqual),
        "ge": comparison(.greaterOrEqual), "<": comparison(.less), "lt": comparison(.less),
        "lessthan": comparison(.less), "<=": comparison(.lessOrEqual), "le": comparison(.lessOrEqual),
        "in": comparison(.isIn), "sameas": sameas, "odd": odd, "even": even, "divisibleby": divisibleby,
    ]

    private static func argument(
        _ evaluator: TemplateEvaluator, _ arguments: TemplateArguments, _ name: String
    ) throws(TemplateError) -> TemplateValue {
        guard arguments.positional.count == 1, arguments.keyword.isEmpty else {
            throw evaluator.failure("test '\(name)' takes one argument, got \(arguments.positional.count)")
        }
        return arguments.positional[0]
    }

    /// Identity, which values have only where Python shares them: none, truth values, and the evaluator's objects.
    @Sendable private static func sameas(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        switch (value, try argument(evaluator, arguments, "sameas")) {
        case (.null, .null): return true
        case (.bool(let first), .bool(let second)): return first == second
        case (.object(let first), .object(let second)): return first == second
        case (.integer(let first), .integer(let second)): return first == second
        case (.string(let first), .string(let second)): return first == second
        default: return false
        }
    }

    private static func remainder(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, by divisor: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        try evaluator.binary(.modulo, value, divisor)
    }

    @Sendable private static func odd(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        _ = try evaluator.bind(arguments, to: "odd", [])
        return try evaluator.areEqual(try remainder(evaluator, value, by: .integer(2)), .integer(1))
    }

    @Sendable private static func even(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        _ = try evaluator.bind(arguments, to: "even", [])
        return try evaluator.areEqual(try remainder(evaluator, value, by: .integer(2)), .integer(0))
    }

    @Sendable private static func divisibleby(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        let divisor = try argument(evaluator, arguments, "divisibleby")
        return try evaluator.areEqual(try remainder(evaluator, value, by: divisor), .integer(0))
    }
}
