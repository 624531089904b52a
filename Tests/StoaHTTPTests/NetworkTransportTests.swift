import Foundation
import OrderedCollections
import StoaCore
import StoaTestKit
import StoaTools
import Testing

@testable import StoaHTTP

/// Tools of kind `http` against a real server on this machine.
@Suite(.timeLimit(.minutes(30))) struct NetworkTransportTests {
    private static let program = #"""
        import http.server, json, sys, time
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                if self.path.startswith("/big"):
                    self.send_response(200); self.send_header("Transfer-Encoding", "chunked"); self.end_headers()
                    try:
                        while True: self.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
                    except OSError: return
                if self.path.startswith("/slow"): time.sleep(30)
                if self.path.startswith("/away"):
                    self.send_response(302); self.send_header("Location", "http://127.0.0.1:1/"); self.send_header("Content-Length", "0")
                    return self.end_headers()
                data = json.dumps({"method": self.command, "path": self.path, "host": self.headers["Host"], "body": body,
                                   "key": self.headers.get("X-Key")}).encode()
                self.send_response(200); self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data))); self.end_headers()
                if self.command != "HEAD": self.wfile.write(data)
            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """#

    /// Runs a body with the port of a server.
    private func withServer(_ body: (Int) async throws -> Void) async throws {
        let folder = try StoaTestKit.TemporaryFolder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [try folder.write("server.py", Self.program)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        defer {
            // Not by a signal that it may have inherited as blocked.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        try await body(try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines))))
    }

    private func call(
        _ url: String, hosts: [String], method: String = "GET", arguments: JSONValue = [:],
        configure: (inout ToolSpecification) -> Void = { _ in }
    ) async throws -> ToolResult {
        var specification = ToolSpecification(name: "t", kind: "http")
        specification.options = [
            "url": .string(url), "method": .string(method), "headers": ["X-Key": "env:KEY"],
        ]
        configure(&specification)
        var resources = ToolResources { _ in throw CancellationError() }
        resources.http = HTTPAccess(
            hosts: try HTTPHosts(hosts), variable: { $0 == "KEY" ? "k-123456" : nil }, transport: NetworkTransport())
        let box = try Toolbox([specification], resources: resources)
        let result = try await box.execute(ToolCall(id: "1", name: "t", arguments: arguments))
        await box.close()
        return result
    }

    @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE"]) func `requests arrive as they were meant`(
        method: String
    ) async throws {
        try await withServer { port in
            let result = try await call(
                "http://localhost:\(port)/a/{id}", hosts: ["localhost:\(port) env:KEY"], method: method,
                arguments: ["id": "x y", "n": 1])
            #expect(result.status == .ok, "\(result)")
            let hasBody = ["POST", "PUT", "PATCH"].contains(method)
            #expect(result.value["method"] == .string(method) && result.value["host"] == .string("localhost:\(port)"))
            #expect(result.value["path"] == .string(hasBody ? "/a/x%20y" : "/a/x%20y?n=1"))
            #expect(result.value["body"] == .string(hasBody ? #"{"n":1}"# : ""))
            #expect(result.value["key"] == "[secret]", "it was sent, and is not told on")
        }
    }

    @Test func `this machine is reached only where the user lists it`() async throws {
        try await withServer { port in
            for host in ["localhost", "127.0.0.1"] {
                let url = "http://\(host):\(port)/"
                #expect(try await call(url, hosts: ["\(host):\(port) env:KEY"]).status == .ok)
                #expect(try await call(url, hosts: ["example.com", "\(host)"]).status == .denied)
            }
            // Other ways to write the same address lead to the same judgement.
            for host in ["127.1", "0x7f000001", "2130706433"] {
                let result = try await call("http://\(host):\(port)/", hosts: ["\(host):\(port) env:KEY"])
                #expect(result.status == .denied, "\(host): \(result)")
            }
        }
    }

    @Test func `an endless answer is cut, a slow one is given up, and nobody is sent elsewhere`() async throws {
        try await withServer { port in
            let hosts = ["127.0.0.1:\(port) env:KEY", "127.0.0.1:1"]
            let big = try await call("http://127.0.0.1:\(port)/big", hosts: hosts) { $0.limits.outputBytes = 100_000 }
            #expect(big.status == .limit && big.output == "the answer is longer than 100000 bytes")
            let slow = try await call("http://127.0.0.1:\(port)/slow", hosts: hosts) {
                $0.limits.wall = .milliseconds(200)
            }
            #expect(slow.status == .limit, "\(slow)")
            let away = try await call("http://127.0.0.1:\(port)/away", hosts: hosts)
            #expect(away.status == .failed && away.output == "HTTP 302 leads to another place: not followed")
            let head = try await call("http://127.0.0.1:\(port)/", hosts: hosts, method: "HEAD")
            #expect(head.status == .ok && head.value == .null, "\(head)")
        }
    }

    @Test func `a server that is not there is a failure with its reason`() async throws {
        let nobody = try await call("http://127.0.0.1:1/", hosts: ["127.0.0.1:1 env:KEY"])
        #expect(nobody.status == .failed && nobody.output.hasPrefix("127.0.0.1: "), "\(nobody)")
        // Where nobody answers for names, the system takes its time to say so: nobody waits for it.
        let unknown = try await call("http://no-such-host.invalid/", hosts: ["no-such-host.invalid env:KEY"]) {
            $0.limits.wall = .milliseconds(500)
        }
        #expect([.failed, .limit].contains(unknown.status) && unknown.value == .null, "\(unknown)")
    }
}
