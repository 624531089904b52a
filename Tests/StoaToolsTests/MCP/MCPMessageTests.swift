import OrderedCollections
import StoaCore
import StoaTestKit
import Testing

@testable import StoaTools

@Suite struct MCPMessageTests {
    @Test func `messages are told apart`() {
        func read(_ text: String) -> [MCPMessage] { MCPMessage.list(Array(text.utf8)) }
        #expect(read(#"{"jsonrpc":"2.0","id":3,"result":{"a":1}}"#) == [.answer(id: 3, result: ["a": 1])])
        #expect(
            read(#"{"jsonrpc":"2.0","id":3,"error":{"code":1,"message":"no"}}"#) == [.refusal(id: 3, message: "no")])
        #expect(read(#"{"jsonrpc":"2.0","id":"x","method":"ping"}"#) == [.request(id: "x", method: "ping")])
        #expect(read(#"{"jsonrpc":"2.0","method":"m"}"#) == [.notification(method: "m")])
        #expect(read(#"[{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","method":"b"},7]"#).count == 2)
        for text in [
            "", "banner", "7", "{}", #"{"id":1,"result":{}}"#, #"{"jsonrpc":"1.0","id":1,"result":{}}"#,
            #"{"jsonrpc":"2.0","id":"text","result":{}}"#, #"{"jsonrpc":"2.0","id":1}"#, "[[[",
            String(repeating: "[", count: 100_000),
        ] { #expect(read(text).isEmpty, "\(text.prefix(50))") }
    }

    @Test func `lines come whole however the stream is cut`() throws {
        let text = Array("one\r\n\n{\"a\":\"é\"}\nthree\nrest".utf8)
        let whole: [[UInt8]] = ["one", "{\"a\":\"é\"}", "three"].map { Array($0.utf8) }
        for size in 1...text.count {
            var splitter = LineSplitter()
            var lines: [[UInt8]] = []
            for start in stride(from: 0, to: text.count, by: size) {
                lines += try splitter.append(Array(text[start..<min(start + size, text.count)]))
            }
            #expect(lines == whole, "pieces of \(size)")
        }
        var short = LineSplitter(maximumBytes: 10)
        #expect(throws: LineSplitter.TooLong.self) { try short.append(Array(repeating: 0x61, count: 11)) }
    }

    @Test func `the user's servers are read, and mistakes have a place`() throws {
        let servers = try MCPServer.list(["a": ["command": ["x", "y"], "env": ["T"]], "b": ["command": ["z"]]])
        #expect(
            servers == [
                MCPServer(name: "a", command: ["x", "y"], variables: ["T"]), MCPServer(name: "b", command: ["z"]),
            ])
        let mistakes: [(JSONValue, String)] = [
            ([], "mcp_servers: "), (["a": 1], "mcp_servers.a: "), (["a": ["command": "x"]], "mcp_servers.a.command: "),
            (["a": ["command": .array([])]], "mcp_servers.a.command: "), (["a": [:]], "mcp_servers.a.command: "),
            (["a": ["command": ["x"], "env": ["T": "1"]]], "mcp_servers.a.env: "),
            (["a": ["command": ["x"], "cwd": "/"]], "mcp_servers.a.cwd: "),
        ]
        for (document, place) in mistakes {
            let error = #expect(throws: ToolError.self) { try MCPServer.list(document) }
            #expect(error?.message.hasPrefix(place) == true, "\(String(describing: error))")
        }
    }
}
