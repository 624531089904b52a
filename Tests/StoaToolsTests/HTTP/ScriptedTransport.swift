import StoaCore
import Synchronization

@testable import StoaTools

/// A network of one's own: names, and servers that answer as a test says.
final class ScriptedTransport: HTTPTransport {
    typealias Answer = @Sendable (HTTPToolRequest, String) async throws -> HTTPToolResponse

    private let names: [String: [String]]
    private let answer: Answer
    private let sent = Mutex<[HTTPToolRequest]>([])

    init(names: [String: [String]] = ["api.example.com": ["93.184.216.34"]], _ answer: @escaping Answer) {
        self.names = names
        self.answer = answer
    }

    /// Every request that was sent.
    var requests: [HTTPToolRequest] { sent.withLock { $0 } }

    func addresses(of host: String) async throws -> [String] { names[host] ?? [] }

    func send(_ request: HTTPToolRequest, to address: String) async throws -> HTTPToolResponse {
        sent.withLock { $0.append(request) }
        return try await answer(request, address)
    }

    static func json(_ value: JSONValue, status: Int = 200) -> HTTPToolResponse {
        HTTPToolResponse(status: status, contentType: "application/json; charset=utf-8", body: Array(value.text.utf8))
    }
}

/// A tool of kind `http` on a scripted network.
struct HTTPBench {
    var hosts: [String] = ["api.example.com env:TOKEN"]
    var variables: [String: String] = ["TOKEN": "tok-1234567890"]
    var transport = ScriptedTransport { _, _ in ScriptedTransport.json(["ok": true]) }
    var clock: any TimeSource = SystemTimeSource()
    var limits = ToolLimits()

    func tool(_ options: JSONValue) throws -> any Tool {
        var specification = ToolSpecification(name: "t", kind: "http")
        specification.options = options
        specification.limits = limits
        let variables = variables
        let access = HTTPAccess(
            hosts: try HTTPHosts(hosts), variable: { variables[$0] }, transport: transport, clock: clock)
        return HTTPClientTool(description: try HTTPDescription(specification), access: access)
    }

    func call(_ options: JSONValue, _ arguments: JSONValue = [:]) async throws -> ToolResult {
        try await tool(options).call(arguments, in: ToolContext())
    }
}
