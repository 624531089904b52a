import OrderedCollections
import StoaCore
import Testing

@testable import StoaTools

@Suite struct HTTPToolTests {
    private static let item: JSONValue = ["url": "https://api.example.com/items/{id}?v=1"]

    @Test func `arguments go into the URL, the rest into the query`() async throws {
        let bench = HTTPBench()
        let result = try await bench.call(Self.item, ["id": "a/b ?é", "q": "x&y=z", "n": 3, "l": [1, 2]])
        #expect(result == ToolResult(status: .ok, value: ["ok": true], details: result.details))
        #expect(result.details["http_status"] == 200)
        let request = try #require(bench.transport.requests.first)
        #expect(request.method == "GET" && request.host == "api.example.com" && request.port == 443)
        #expect(request.target == "/items/a%2Fb%20%3F%C3%A9?v=1&q=x%26y%3Dz&n=3&l=%5B1%2C2%5D")
        #expect(request.body == nil)
    }

    @Test func `a method with a body sends the rest as JSON`() async throws {
        let bench = HTTPBench()
        _ = try await bench.call(
            ["url": "https://api.example.com/items/{id}", "method": "post"], ["id": 7, "b": ["x": 1.5], "c": "é"])
        let request = try #require(bench.transport.requests.first)
        #expect(request.method == "POST" && request.target == "/items/7")
        #expect(request.body.map { String(decoding: $0, as: UTF8.self) } == #"{"b":{"x":1.5},"c":"é"}"#)
        #expect(request.headers.contains { $0 == ("Content-Type", "application/json") })
    }

    @Test func `no argument leads out of its part of the path, nor to another host`() async throws {
        let bench = HTTPBench()
        for id in ["..", "."] {
            let result = try await bench.call(Self.item, ["id": .string(id)])
            #expect(result.status == .failed && result.output.contains("part of the path"), "\(result)")
        }
        for id in ["../../admin", "@evil.example", "x\r\nHost: evil.example", "#", "//evil.example", "%2e%2e"] {
            #expect(try await bench.call(Self.item, ["id": .string(id)]).status == .ok)
        }
        for request in bench.transport.requests {
            #expect(request.host == "api.example.com" && request.target.hasPrefix("/items/"))
            #expect(request.target.utf8.allSatisfy { 0x21...0x7E ~= $0 })
            #expect(request.target.split(separator: "?")[0].split(separator: "/").count == 2)
        }
        #expect(try await bench.call(Self.item, [:]).output == "the argument id is missing")
    }

    @Test(
        arguments: [
            (["url": "https://{host}/x"], "options.url"), (["url": "api.example.com"], "options.url"),
            (["url": "https://api.example.com/{a"], "options.url"),
            (["url": "https://api.example.com/{}"], "options.url"),
            (["url": "https://api.example.com/a b"], "options.url"), ([:], "options.url"),
            (["url": "https://a.example/", "method": "TRACE"], "options.method"),
            (["url": "https://a.example/", "headers": ["Host": "b.example"]], "options.headers"),
            (["url": "https://a.example/", "headers": ["A\r\nB": "c"]], "options.headers"),
            (["url": "https://a.example/", "headers": ["A": "b\r\nC: d"]], "options.headers.A"),
            (["url": "https://a.example/", "headers": ["A": "env:"]], "options.headers.A"),
        ] as [(JSONValue, String)])
    func `a description that cannot be is refused, with the place`(options: JSONValue, place: String) {
        let error = #expect(throws: ToolError.self) { try HTTPBench().tool(options) }
        #expect(error?.message.hasPrefix("tool t: \(place)") == true, "\(String(describing: error))")
    }

    @Test func `hosts come from the user, and what a name leads to is looked at`() async throws {
        var bench = HTTPBench()
        bench.hosts = ["other.example"]
        #expect(try await bench.call(Self.item, ["id": 1]).status == .denied)
        #expect(bench.transport.requests.isEmpty)
        bench.hosts = ["api.example.com"]
        for names in [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::1"], ["169.254.169.254"]] {
            bench.transport = ScriptedTransport(names: ["api.example.com": names]) { _, _ in ScriptedTransport.json([:])
            }
            let result = try await bench.call(Self.item, ["id": 1])
            #expect(result.status == .denied && bench.transport.requests.isEmpty, "\(result)")
        }
        bench.transport = ScriptedTransport(names: [:]) { _, _ in ScriptedTransport.json([:]) }
        #expect(try await bench.call(Self.item, ["id": 1]).output == "api.example.com has no address")
        let none = try HTTPKind.make(
            {
                var specification = ToolSpecification(name: "t", kind: "http")
                specification.options = Self.item
                return specification
            }(), with: ToolResources { _ in throw CancellationError() })
        #expect(try await none.call([:], in: ToolContext()).status == .denied)
    }

    @Test func `secrets are sent, and are in nothing that comes back`() async throws {
        let secret = "tok-1234567890"
        var bench = HTTPBench()
        bench.transport = ScriptedTransport { request, _ in
            let header = request.headers.first { $0.name == "Authorization" }?.value ?? ""
            switch request.target {
            case "/json": return ScriptedTransport.json(["echo": .string(header), secret: [.string("a\(secret)b")]])
            case "/escaped":
                let text = secret.unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }.joined()
                return HTTPToolResponse(
                    status: 200, contentType: "application/json", body: Array("\"\(text)\"".utf8))
            case "/text": return HTTPToolResponse(status: 200, contentType: "text/plain", body: Array(header.utf8))
            case "/error": return HTTPToolResponse(status: 500, body: Array(header.utf8))
            case "/elsewhere": return HTTPToolResponse(status: 302, location: "https://evil.example/?\(header)")
            default: throw ToolError(code: .invalidTool, kind: .failure, message: "no way with \(header)")
            }
        }
        for path in ["json", "escaped", "text", "error", "elsewhere", "broken"] {
            let result = try await bench.call([
                "url": .string("https://api.example.com/\(path)"), "headers": ["Authorization": "Bearer env:TOKEN"],
            ])
            let everything = result.document.text + result.details.text
            #expect(!everything.contains(secret) && !everything.contains("tok-"), "\(result)")
        }
        #expect(
            bench.transport.requests.allSatisfy { $0.headers.contains { $0 == ("Authorization", "Bearer \(secret)") } })
    }

    @Test func `a secret goes only where the user lets it go`() async throws {
        var bench = HTTPBench()
        bench.variables = ["TOKEN": "tok-1234567890", "AWS_KEY": "aws-secret", "LINES": "a\r\nB: c", "EMPTY": ""]
        bench.hosts = ["api.example.com env:TOKEN env:MISSING env:LINES env:EMPTY", "other.example env:AWS_KEY"]
        func status(_ name: String) async throws -> (ToolResult.Status, String) {
            let result = try await bench.call([
                "url": "https://api.example.com/", "headers": ["X-Key": .string("env:\(name)")],
            ])
            return (result.status, result.output)
        }
        #expect(try await status("TOKEN").0 == .ok)
        #expect(try await status("AWS_KEY").0 == .denied)
        #expect(try await status("HOME").0 == .denied)
        for name in ["MISSING", "EMPTY"] {
            #expect(try await status(name) == (.failed, "the environment has no \(name)"))
        }
        #expect(try await status("LINES") == (.failed, "the value of LINES is no line of text"))
        #expect(bench.transport.requests.count == 1)
    }

    @Test func `redirections stay where they are`() async throws {
        var bench = HTTPBench()
        bench.transport = ScriptedTransport { request, _ in
            switch request.target {
            case "/start": HTTPToolResponse(status: 303, location: "/next?a=1#part")
            case "/next?a=1": HTTPToolResponse(status: 307, location: "https://API.example.com:443/end")
            case "/end": ScriptedTransport.json(["method": .string(request.method)])
            case "/loop": HTTPToolResponse(status: 302, location: "/loop")
            case "/other": HTTPToolResponse(status: 302, location: "https://other.example/")
            case "/port": HTTPToolResponse(status: 302, location: "https://api.example.com:8443/")
            case "/scheme": HTTPToolResponse(status: 302, location: "http://api.example.com/")
            case "/slashes": HTTPToolResponse(status: 302, location: "//other.example/")
            case "/relative": HTTPToolResponse(status: 302, location: "end")
            default: HTTPToolResponse(status: 302, location: "/a\r\nb")
            }
        }
        func call(_ path: String) async throws -> ToolResult {
            try await bench.call(["url": .string("https://api.example.com/\(path)"), "method": "POST"])
        }
        #expect(try await call("start").value == ["method": "GET"])
        for path in ["loop", "other", "port", "scheme", "slashes", "relative", "control"] {
            let result = try await call(path)
            #expect(result.status == .failed, "\(path) \(result)")
        }
        #expect(bench.transport.requests.allSatisfy { $0.host == "api.example.com" && $0.port == 443 })
        #expect(bench.transport.requests.count { $0.target == "/loop" } == 6)
    }

    @Test func `answers are JSON, text or nothing; failures and long ones say so`() async throws {
        var bench = HTTPBench()
        bench.limits.outputBytes = 100
        func call(_ response: HTTPToolResponse) async throws -> ToolResult {
            bench.transport = ScriptedTransport { request, _ in
                #expect(request.maximumBytes == 100)
                return response
            }
            return try await bench.call(["url": "https://api.example.com/"])
        }
        #expect(try await call(.init(status: 200, contentType: "text/plain", body: Array("hé".utf8))).value == "hé")
        #expect(try await call(.init(status: 204)).value == .null)
        #expect(try await call(.init(status: 200, contentType: "application/json", body: [0x7B])).status == .failed)
        let refused = try await call(.init(status: 404, body: Array("no such item".utf8)))
        #expect(refused.status == .failed && refused.output == "HTTP 404: no such item")
        let long = try await call(.init(status: 200, body: Array(repeating: 0x61, count: 100), isCut: true))
        #expect(long.status == .limit && long.output == "the answer is longer than 100 bytes" && long.value == .null)
        #expect(try await call(.init(status: 200, body: [0xFF, 0x61])).value == "\u{FFFD}a")
    }

    @Test func `a server that does not answer is a limit, and cancelling is cancelling`() async throws {
        let clock = ManualTimeSource()
        var bench = HTTPBench()
        bench.clock = clock
        bench.limits.wall = .seconds(7)
        bench.transport = ScriptedTransport { _, _ in
            try await clock.sleep(for: .seconds(1000))
            return HTTPToolResponse(status: 200)
        }
        let tool = try bench.tool(["url": "https://api.example.com/"])
        async let call = tool.call([:], in: ToolContext())
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(7))
        #expect(try await call.status == .limit)
        let cancelled = Task { try await tool.call([:], in: ToolContext()) }
        await clock.waitForSleepers(2)
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
    }
}
