import OrderedCollections
import StoaCore
import StoaTestKit
import StoaTools
import Testing

/// A kind of the test's own: it needs no other file.
private enum EchoKind: ToolKind {
    static var outline: ToolKindOutline { ToolKindOutline(name: "echo") }

    static func make(_ specification: ToolSpecification, with resources: ToolResources) throws -> any Tool { Echo() }

    /// Gives back what it is given, and how much it was told of the past.
    private struct Echo: Tool {
        func call(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolResult {
            var members = arguments.objectValue ?? [:]
            members["history"] = .integer(Int64(context.history.count))
            return ToolResult(status: members["fail"] == true ? .failed : .ok, value: .object(members), output: "said")
        }
    }
}

@Suite struct ToolboxTests {
    private static let echo: ToolSpecification = {
        var tool = ToolSpecification(
            name: "echo", kind: "echo", summary: "Says it again.",
            parameters: [
                "type": "object", "properties": ["n": ["type": "integer"], "fail": ["type": "boolean"]],
                "required": ["n"], "additionalProperties": false,
            ])
        tool.returns = ["type": "object", "properties": ["n": ["maximum": 9]]]
        return tool
    }()

    private func box<Value>(_ body: (Toolbox) async throws -> Value) async throws -> Value {
        let calculator = ToolSpecification(name: "calculator", kind: "builtin", parameters: ["type": "object"])
        return try await TestTools.with(
            [Self.echo, calculator], TestTools.noResources, kinds: [EchoKind.self] + ToolKinds.all, body)
    }

    @Test func `it has the tools in the order of their names, as they are told of`() async throws {
        try await box { (box: Toolbox) async throws in
            #expect(box.tools.map(\.name) == ["calculator", "echo"])
            #expect(box.tools[1] == Self.echo.definition)
            #expect(box.tools[1].returns != nil && box.tools[1].description == "Says it again.")
        }
    }

    @Test(
        arguments: [
            ([:], "echo: arguments.n: expected a whole number, found nothing"),
            (["n": "x"], "echo: arguments.n: expected a whole number, found \"x\""),
            (["n": 1, "m": 2], "echo: arguments.m: expected no member of this name (there is n, fail), found 2"),
            ([1], "echo: arguments: expected an object, found a list of 1"),
        ] as [(JSONValue, String)])
    func `wrong arguments are a failure that says where, and never reach the tool`(
        arguments: JSONValue, message: String
    ) async throws {
        let result = try await box { try await $0.call("echo", arguments) }
        #expect(result == ToolResult(status: .failed, output: message))
    }

    @Test func `what a tool returns is compared with its promise, what a failing one returns is not`() async throws {
        try await box { (box: Toolbox) async throws in
            #expect(try await box.call("echo", ["n": 9]).value["n"] == 9)
            let wrong = try await box.call("echo", ["n": 10])
            #expect(wrong.status == .failed && wrong.value == .null)
            #expect(wrong.output == "echo does not return what it promises: value.n: expected at most 9, found 10")
            #expect(try await box.call("echo", ["n": 10, "fail": true]).value["n"] == 10)
        }
    }

    @Test func `an unknown tool is a failure that names those there are`() async throws {
        let result = try await box { try await $0.call("ecko", [:]) }
        #expect(result.status == .failed && result.output == "unknown tool \"ecko\": expected one of calculator, echo")
    }

    @Test func `a builtin tool is called by its name`() async throws {
        let result = try await box { try await $0.call("calculator", ["expression": "2^10 / 4"]) }
        #expect(result.status == .ok && result.value["result"] == "256")
    }

    @Test func `a tool is told of its own calls that were carried out, and of no others`() async throws {
        func exchange(_ name: String, _ arguments: JSONValue, _ status: ToolResult.Status) -> ToolExchange {
            ToolExchange(
                call: ToolCall(id: "", name: name, arguments: arguments), result: ToolResult(status: status))
        }
        let context = ToolContext(history: [
            exchange("echo", ["n": 1], .ok), exchange("calculator", [:], .ok), exchange("echo", ["n": "x"], .failed),
            exchange("echo", ["n": 1], .denied), exchange("echo", ["n": 1], .interrupted),
            exchange("echo", ["n": 2], .failed),
        ])
        #expect(try await box { try await $0.call("echo", ["n": 1], in: context) }.value["history"] == 2)
    }

    @Test(arguments: [
        ("kind", "tool t: there is no kind \"magic\": expected one of builtin, echo"),
        ("parameters", "tool t: 'parameters' is no JSON Schema that values can be checked with: schema.format: "),
        ("packages", "tool t: there are no packages \"everything\": expected one of mathematics"),
        ("source", "tool t: there is no code"), ("limits", "wall_seconds: expected 0.001 to 86400, found 0.0"),
        ("builtin", "tool t: there is no builtin tool of this name"),
    ])
    func `a tool that cannot be made is refused with the reason`(mistake: String, message: String) async throws {
        var tool = ToolSpecification(name: "t", kind: "python", parameters: ["type": "object"])
        tool.source = "def run(): pass"
        switch mistake {
        case "kind": tool.kind = "magic"
        case "parameters": tool.parameters = ["format": "date"]
        case "packages": tool.packages = "everything"
        case "source": tool.source = nil
        case "builtin": tool.kind = "builtin"
        default: tool.limits.wall = .zero
        }
        let specification = tool
        let error = #expect(throws: (any Error).self) {
            try Toolbox(
                [specification], resources: TestTools.noResources,
                kinds: mistake == "kind" ? [BuiltinKind.self, EchoKind.self] : ToolKinds.all)
        }
        let found = try #require(error as? any StoaError)
        #expect(found.message.hasPrefix(message), "\(found.message)")
    }

    @Test func `without a sandbox a call that needs one throws, and nothing else does`() async throws {
        let tools = [TestTools.code, TestTools.python("def run(): return 1"), Self.echo]
        let box = try Toolbox(tools, resources: TestTools.noResources, kinds: [EchoKind.self] + ToolKinds.all)
        for (name, arguments) in [("python", ["code": "1"]), ("t", [:])] as [(String, JSONValue)] {
            let error = await #expect(throws: TestTools.NoSandbox.self) { try await box.call(name, arguments) }
            #expect(error?.kind == .noSandbox)
        }
        let wrong = try await box.call("python", [:])
        #expect(wrong.status == .failed, "wrong arguments need no sandbox")
        let echoed = try await box.call("echo", ["n": 1])
        #expect(echoed.status == .ok)
        await box.close()
    }

    @Test func `a sandbox that could not be had is asked for again the next time`() async throws {
        let count = Guarded(0)
        let resources = ToolResources { _ in
            count.withLock { $0 += 1 }
            throw TestTools.NoSandbox()
        }
        try await TestTools.with([TestTools.code], resources) { (box: Toolbox) async throws in
            for _ in 0..<3 { _ = try? await box.run("1") }
        }
        #expect(count.withLock { $0 } == 3)
    }

    @Test func `a closed box takes no calls`() async throws {
        let box = try Toolbox([TestTools.code], resources: TestTools.noResources)
        await box.close()
        await #expect(throws: ToolError.self) { try await box.run("1") }
    }
}
