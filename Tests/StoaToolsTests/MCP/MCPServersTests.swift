import OrderedCollections
import StoaCore
import Testing

@testable import StoaTools

/// The client against a real server process.
@Suite(.timeLimit(.minutes(30))) struct MCPServersTests {
    private let script: ScriptedServer

    init() throws { script = try ScriptedServer() }

    @Test(arguments: ["", "old", "pages"]) func `a server is greeted, and its tools are listed`(mode: String)
        async throws
    {
        let servers = script.servers(script.server(mode))
        let tools = try await servers.tools(of: "test")
        #expect(tools.map(\.name) == ["add", "echo", "fail", "slow", "die", "environment", "picture", "long"])
        #expect(tools[0].description == "Adds." && tools[0].isIdempotent && !tools[1].isIdempotent)
        #expect(tools[0].parameters["properties"]?["a"] == ["type": "number"])
        #expect(try await servers.call("add", of: "test", arguments: ["a": 2, "b": 3]).value == ["sum": 5])
        await servers.close()
        let greeting = try #require(script.log.first)
        #expect(greeting.hasPrefix("initialize ") && greeting.contains(#""protocolVersion": "2025-11-25""#))
        #expect(script.log[1].hasPrefix("notifications/initialized"))
        // What the server itself asks is answered: a sign of life, and nothing else.
        #expect(script.log.contains { $0.hasPrefix("answer") && $0.contains(#""id": "p1""#) && $0.contains("result") })
        #expect(script.log.contains { $0.hasPrefix("answer") && $0.contains(#""id": 99"#) && $0.contains("-32601") })
        #expect(script.log.count { $0.hasPrefix("initialize") } == 1, "one process serves all calls")
    }

    @Test func `what comes of calls is a result`() async throws {
        let servers = script.servers(script.server())
        func call(_ tool: String, _ arguments: JSONValue = [:]) async throws -> ToolResult {
            try await servers.call(tool, of: "test", arguments: arguments)
        }
        #expect(try await call("echo", ["text": "a\nb\u{1F600}"]).value == "a\nb\u{1F600}\nsecond")
        #expect(try await call("fail") == ToolResult(status: .failed, output: "it went wrong"))
        #expect(try await call("nothing") == ToolResult(status: .failed, output: "Unknown tool: nothing"))
        #expect(try await call("picture").value == "[image image/png]")
        #expect(try await call("long", ["count": 500_000]).value.stringValue?.utf8.count == 1_000_000)
        await servers.close()
    }

    @Test func `many calls at once get their own answers`() async throws {
        let servers = script.servers(script.server())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask {
                    let result = try await servers.call(
                        "add", of: "test", arguments: ["a": .integer(Int64(index)), "b": 1])
                    #expect(result.value == ["sum": .integer(Int64(index + 1))])
                }
            }
            try await group.waitForAll()
        }
        await servers.close()
    }

    @Test func `a server that dies interrupts its calls and is started again`() async throws {
        let servers = script.servers(script.server())
        async let waiting = servers.call("slow", of: "test", arguments: [:])
        while !script.log.contains(where: { $0.contains("slow") }) { await Task.yield() }
        let died = try await servers.call("die", of: "test", arguments: [:])
        #expect(died.status == .interrupted && died.output.hasPrefix("MCP server test: it ended"), "\(died)")
        #expect(try await waiting.status == .interrupted)
        #expect(try await servers.call("add", of: "test", arguments: ["a": 1, "b": 1]).value == ["sum": 2])
        #expect(script.log.count { $0.hasPrefix("initialize") } == 2)
        await servers.close()
    }

    @Test func `a call has its time, and the server is told`() async throws {
        let servers = script.servers(script.server())
        _ = try await servers.tools(of: "test")
        let late = try await servers.call("slow", of: "test", arguments: [:], within: .milliseconds(50))
        #expect(late.status == .limit && late.output.contains("not done within"), "\(late)")
        let cancelled = Task { try await servers.call("slow", of: "test", arguments: ["n": 2]) }
        while !script.log.contains(where: { $0.contains(#""n": 2"#) }) { await Task.yield() }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        // Lines are read in order: what comes after them shows that they came.
        #expect(try await servers.call("add", of: "test", arguments: ["a": 1, "b": 1]).value == ["sum": 2])
        #expect(script.log.count { $0.hasPrefix("notifications/cancelled") } == 2)
        await servers.close()
    }

    @Test(arguments: [
        ("strange", "it speaks version 1999-01-01 of the protocol"), ("refuses", "not today"), ("leaves", "it ended"),
        ("endless", "its list of tools has no end"),
    ])
    func `a server that does not come to speak is told with the reason`(mode: String, reason: String) async throws {
        let servers = script.servers(script.server(mode))
        let error = await #expect(throws: ToolError.self) { try await servers.tools(of: "test") }
        #expect(error?.kind == .unreachable && error?.message.hasPrefix("MCP server test: \(reason)") == true)
        await servers.close()
    }

    @Test func `a program that is not there, and a server that nobody listed`() async throws {
        let servers = script.servers(MCPServer(name: "gone", command: ["no-such-program"]))
        let gone = await #expect(throws: ToolError.self) { try await servers.tools(of: "gone") }
        #expect(gone?.message == "MCP server gone: there is no program no-such-program")
        let unknown = await #expect(throws: ToolError.self) { try await servers.call("x", of: "other", arguments: [:]) }
        #expect(unknown?.code == .unknownServer && unknown?.hint == "there is gone")
        await servers.close()
    }

    @Test func `closing ends a server that will not end, and what it has started`() async throws {
        let servers = script.servers(script.server("stubborn"))
        _ = try await servers.tools(of: "test")
        let line = try #require(script.log.first { $0.hasPrefix("processes") })
        let processes = line.split(separator: " ").compactMap { Int32($0) }
        #expect(processes.count == 2 && processes.allSatisfy(ScriptedServer.lives))
        await servers.close()
        #expect(!processes.contains(where: ScriptedServer.lives))
        await #expect(throws: ToolError.self) { try await servers.tools(of: "test") }
    }

    @Test func `a server gets the variables that it was given, and tells none of them on`() async throws {
        let servers = script.servers(script.server(variables: ["TOKEN", "MISSING"]))
        let result = try await servers.call("environment", of: "test", arguments: [:])
        let names = Set(result.value.objectValue?.keys.elements ?? [])
        #expect(names.contains("TOKEN") && names.contains("PATH") && !names.contains("OTHER"))
        #expect(result.value["TOKEN"] == "[secret]" && !result.document.text.contains("tok-1234567890"))
        #expect(
            try await servers.call("echo", of: "test", arguments: ["text": "x tok-1234567890 y"]).value
                == "x [secret] y\nsecond")
        await servers.close()
    }

    @Test func `a tool of a playbook is a server's tool`() async throws {
        var resources = ToolResources { _ in throw CancellationError() }
        resources.servers = script.servers(script.server())
        var named = ToolSpecification(name: "sum", kind: "mcp")
        named.options = ["server": "test", "tool": "add"]
        var plain = ToolSpecification(name: "echo", kind: "mcp")
        plain.options = ["server": "test"]
        let box = try Toolbox([named, plain], resources: resources)
        #expect(
            try await box.execute(ToolCall(id: "1", name: "sum", arguments: ["a": 1, "b": 2])).value == ["sum": 3])
        #expect(
            try await box.execute(ToolCall(id: "2", name: "echo", arguments: ["text": "t"])).value == "t\nsecond")
        await box.close()
        #expect(throws: ToolError.self) {
            try MCPKind.make(ToolSpecification(name: "x", kind: "mcp"), with: resources)
        }
        let none = try Toolbox([plain], resources: ToolResources { _ in throw CancellationError() })
        let error = await #expect(throws: ToolError.self) {
            try await none.execute(ToolCall(id: "1", name: "echo", arguments: [:]))
        }
        #expect(error?.code == .unknownServer)
    }
}
