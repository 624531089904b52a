import StoaCore
import StoaVerify
import Testing

/// The calculator as playbooks and models call it.
@Suite struct BuiltinToolsTests {
    private static func call(_ arguments: JSONValue, name: String = "calculator") async throws -> ToolResult {
        try await BuiltinTools([CalculatorTool()]).execute(ToolCall(id: "1", name: name, arguments: arguments))
    }

    @Test(arguments: [
        ("12 * (3 + 4)", "84", #"{"result":"84","number":84,"exact":true}"#),
        ("1 / 4", "0.25", #"{"result":"0.25","number":0.25,"exact":true}"#),
        ("1 / 3", "1/3 ≈ 0.333333333333333", #"{"result":"1/3","number":0.3333333333333333,"exact":true}"#),
        ("sqrt(2)", "≈ 1.4142135623731", #"{"result":"1.4142135623731","number":1.4142135623730951,"exact":false}"#),
        (
            "2^64", "18446744073709551616",
            #"{"result":"18446744073709551616","number":18446744073709552000,"exact":true}"#
        ),
        ("15% * 80", "12", #"{"result":"12","number":12,"exact":true}"#),
    ])
    func `results are exact text and a number`(_ expression: String, _ output: String, _ value: String) async throws {
        let result = try await Self.call(["expression": .string(expression)])
        #expect(result.status == .ok)
        #expect(result.output == output)
        #expect(result.value.text.replacing(" ", with: "") == value)
    }

    @Test func `a number that no double reaches is null`() async throws {
        let result = try await Self.call(["expression": "10^400"])
        #expect(result.status == .ok)
        #expect(result.value["number"] == .null)
        #expect(result.value["result"]?.stringValue == "1" + String(repeating: "0", count: 400))
    }

    @Test(
        arguments: [
            ([:], #"calculator: arguments: "expression" is missing"#),
            (["expression": 5], #"calculator: arguments: expected a text as "expression", found a number"#),
            (
                ["expression": "1", "digits": 5],
                #"calculator: arguments: expected "expression" and nothing else, found "digits""#
            ),
            ("1 + 1", #"calculator: arguments: expected an object {"expression": …}, found a text"#),
            (["expression": "1 / 0"], #"calculator: expression "1 / 0": column 3: division by zero"#),
            (["expression": "9^9^9"], #"calculator: expression "9^9^9": column 2: the result has more than 8192 bits"#),
        ] as [(JSONValue, String)])
    func `a failure says what is wrong and where`(_ arguments: JSONValue, _ expected: String) async throws {
        let result = try await Self.call(arguments)
        #expect(result == ToolResult(status: .failed, output: expected))
    }

    @Test func `an unknown tool is a failure that names the known ones`() async throws {
        let result = try await Self.call([:], name: "shell")
        #expect(
            result
                == ToolResult(
                    status: .failed, output: #"unknown tool "shell": expected one of the built-in tools: calculator"#))
    }

    @Test func `the definition is what models are told`() throws {
        #expect(BuiltinTools([CalculatorTool()]).tools.map(\.name) == ["calculator"])
        let tool = try #require(BuiltinTools([CalculatorTool()]).tools.first)
        #expect(tool.isIdempotent)
        #expect(tool.parameters["required"] == ["expression"])
        #expect(tool.parameters["additionalProperties"] == false)
    }

    @Test func `a cancelled call is cancelled`() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await Self.call(["expression": "1"])
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
