internal import OrderedCollections
public import StoaCore

/// Exact arithmetic for models, which are bad at it.
///
/// See `Expression` for what it understands. The value is
/// `{result, number, exact}`: the result as text (digits where they end, otherwise a fraction), the nearest number
/// of double precision (null where that is too large), and whether the result is exact: roots that do not come out even are
/// not, and are given to 15 digits.
///
/// It stands in this module because it is the same arithmetic that answers are judged by.
///
/// Determinism: a pure function of the expression. Complexity: bounded by `NumberLimits`, whatever is asked.
public struct CalculatorTool: BuiltinTool {
    /// Digits behind the point up to which a result is written as a decimal.
    private static let places = 30
    /// Digits of a result that is rounded.
    private static let digits = 15

    /// Creates the tool.
    public init() {}

    /// `calculator`, of one argument, `expression`.
    public var definition: ToolDefinition {
        ToolDefinition(
            name: "calculator",
            description: "Computes an arithmetic expression exactly: + - * / ^ ( ), 50% for a percentage, "
                + "sqrt(x). Example: (3 + 4) * 1/2",
            parameters: [
                "type": "object",
                "properties": [
                    "expression": ["type": "string", "description": "the expression, such as 12 * (3 + 4)"]
                ],
                "required": ["expression"], "additionalProperties": false,
            ], isIdempotent: true)
    }

    /// Computes.
    ///
    /// - Parameter arguments: `{expression: string}`.
    /// - Returns: the value, or a failure that names the column.
    public func call(_ arguments: JSONValue) -> ToolResult {
        guard let members = arguments.objectValue else {
            return failure("arguments: expected an object {\"expression\": …}, found \(kind(of: arguments))")
        }
        if let other = members.keys.first(where: { $0 != "expression" }) {
            return failure("arguments: expected \"expression\" and nothing else, found \(quoted(other))")
        }
        guard let value = members["expression"] else { return failure("arguments: \"expression\" is missing") }
        guard let text = value.stringValue else {
            return failure("arguments: expected a text as \"expression\", found \(kind(of: value))")
        }
        do {
            let value = try Expression(text).value()
            let result = written(value)
            return ToolResult(
                status: .ok,
                value: [
                    "result": .string(result), "number": number(value.number), "exact": .bool(value.isExact),
                ],
                output: value.isExact && !result.contains("/")
                    ? result
                    : "\(value.isExact ? "\(result) ≈ " : "≈ ")\(value.number.decimal(significant: Self.digits))")
        } catch {
            return failure(error.message)
        }
    }

    private func written(_ value: Expression.Value) -> String {
        guard value.isExact else { return value.number.decimal(significant: Self.digits) }
        return value.number.exactDecimal(places: Self.places) ?? value.number.description
    }

    private func number(_ value: Rational) -> JSONValue {
        if value.isInteger, let integer = Int64(exactly: value.numerator) { return .integer(integer) }
        return value.doubleValue.map { .number($0) } ?? .null
    }

    private func failure(_ reason: String) -> ToolResult {
        ToolResult(status: .failed, output: "calculator: \(reason)")
    }

    private func kind(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "a truth value"
        case .integer, .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
