internal import OrderedCollections
public import StoaCore

/// Whether another attempt at a problem is worth its price, by how those so far fared.
///
/// The value is `{gain, goes_on}`: by how much the chance that the problem is solved is expected to grow, and whether that is more
/// than the price. See `SaturationRule`.
///
/// Determinism: a pure function of its arguments.
public struct ExpectedGainTool: BuiltinTool {
    /// Creates the tool.
    public init() {}

    /// `expected-gain`.
    public var definition: ToolDefinition {
        ToolDefinition(
            name: "expected-gain",
            description: "Says what another attempt is expected to add, after so many of which so many were right.",
            parameters: [
                "type": "object",
                "properties": [
                    "right": ["type": "integer", "minimum": 0, "description": "attempts that were right"],
                    "tried": ["type": "integer", "minimum": 0, "description": "all attempts so far"],
                    "price": [
                        "type": "number", "minimum": 0,
                        "description": "what an attempt costs, in the unit of a solved problem",
                    ],
                ],
                "required": ["right", "tried", "price"], "additionalProperties": false,
            ], isIdempotent: true)
    }

    /// Computes it.
    ///
    /// - Parameter arguments: `{right, tried, price}`.
    /// - Returns: the value, or a failure that says what was expected.
    public func call(_ arguments: JSONValue) -> ToolResult {
        guard let right = arguments["right"]?.intValue, let tried = arguments["tried"]?.intValue,
            let price = arguments["price"]?.doubleValue, right >= 0, right <= tried, tried <= 1_000_000, price >= 0
        else {
            return ToolResult(
                status: .failed,
                output:
                    "expected-gain: expected {right, tried, price} with 0 <= right <= tried, found \(arguments.text)")
        }
        var rule = SaturationRule(threshold: price, limit: .max)
        for index in 0..<tried { rule.add(index < right) }
        let gain = rule.expectedGain
        return ToolResult(
            status: .ok, value: ["gain": .number(gain), "goes_on": .bool(rule.goesOn)],
            output: rule.goesOn ? "another attempt is worth its price" : "another attempt is not worth its price")
    }
}
