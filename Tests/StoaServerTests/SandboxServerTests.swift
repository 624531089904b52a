import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import OrderedCollections
import StoaCore
import StoaSandbox
import Testing

@testable import StoaServer

/// `POST /run_code` by a real client, compared with what SandboxFusion answers.
@Suite(.needsSandbox, .timeLimit(.minutes(30)), .serialized) struct SandboxServerTests {
    @Test func `a program's answer has SandboxFusion's form`() async throws {
        try await TestServer.with { server in
            let answer = try await server.run([
                "code": "import sys\nprint('a', input())\nprint('b', file=sys.stderr)", "language": "python",
                "stdin": "typed\n", "compile_timeout": 10, "run_timeout": 10, "memory_limit_MB": -1, "files": [:],
                "fetch_files": .array([]), "args": .array([]),
            ])
            #expect(answer.status == 200 && answer.headers.first(name: "content-type") == "application/json")
            #expect(
                answer.document.objectValue?.keys.elements == [
                    "status", "message", "compile_result", "run_result", "executor_pod_name", "files", "limit",
                ])
            #expect(answer["status"] == "Success" && answer["message"] == "" && answer["compile_result"] == .null)
            #expect(answer["executor_pod_name"] == .null && answer["files"] == .emptyObject)
            let run = try #require(answer["run_result"])
            #expect(
                run.objectValue?.keys.elements == ["status", "execution_time", "return_code", "stdout", "stderr"])
            #expect(run["status"] == "Finished" && run["return_code"] == 0)
            #expect(run["stdout"] == "a typed\n" && run["stderr"] == "b\n")
            #expect((run["execution_time"]?.doubleValue ?? -1) > 0)
        }
    }

    @Test func `failures are told as SandboxFusion tells them, and nothing poses as success`() async throws {
        try await TestServer.with { server in
            func outcome(_ code: String, timeout: Double = 10) async throws -> [JSONValue?] {
                let answer = try await server.run([
                    "code": .string(code), "language": "python", "run_timeout": .number(timeout),
                ])
                #expect(answer.status == 200)
                return [answer["status"], answer["run_result"]?["status"], answer["run_result"]?["return_code"]]
            }
            #expect(try await outcome("1 / 0") == ["Failed", "Finished", 1])
            #expect(try await outcome("import sys; sys.exit(3)") == ["Failed", "Finished", 3])
            #expect(try await outcome("import sys; sys.exit(0)") == ["Success", "Finished", 0])
            #expect(try await outcome("1 +") == ["Failed", "Finished", 1])
            #expect(try await outcome("import os; os._exit(0)") == ["Failed", "Finished", 1])
            #expect(try await outcome("import os; os._exit(5)") == ["Failed", "Finished", 5])
            #expect(try await outcome("import os; os.kill(os.getpid(), 11)") == ["Failed", "Finished", -11])
            #expect(try await outcome("while True: pass", timeout: 0.3) == ["Failed", "TimeLimitExceeded", .null])
            #expect(try await outcome("import time; time.sleep(0.9)", timeout: 1) == ["Success", "Finished", 0])
            let raised = try await server.run("def f(): return 1 / 0\nf()")
            #expect(raised["run_result"]?["stderr"]?.stringValue?.contains("ZeroDivisionError") == true)
            let memory = try await server.run([
                "code": "bytearray(300 << 20)", "language": "python", "memory_limit_MB": 128,
            ])
            #expect(memory["status"] == "Failed" && memory["limit"] == "memory")
        }
    }

    @Test func `files go in and come out`() async throws {
        try await TestServer.with { server in
            let answer = try await server.run([
                "code": "open('out.txt', 'w').write(open('in/a.txt').read() + '!')", "language": "python",
                "files": ["in/a.txt": .string(Base64.encode(Array("grüße".utf8))), "left out": .null],
                "fetch_files": ["out.txt", "absent.txt"],
            ])
            #expect(answer["status"] == "Success", "\(answer.text)")
            #expect(answer["files"] == ["out.txt": .string(Base64.encode(Array("grüße!".utf8)))])
        }
    }

    @Test func `a session keeps its variables until it is ended`() async throws {
        try await TestServer.with { server in
            #expect(try await server.run("x = 41", session: "a")["status"] == "Success")
            let next = try await server.run("x += 1\nprint('p')\nx", session: "a")
            #expect(next["session_id"] == "a" && next["value"] == "42" && next["run_result"]?["stdout"] == "p\n")
            #expect(try await server.run("x", session: "b")["status"] == "Failed", "sessions share nothing")
            #expect(try await server.send(.DELETE, "/sessions/a")["closed"] == "a")
            #expect(try await server.send(.DELETE, "/sessions/a").status == 404)
            #expect(try await server.run("x", session: "a")["status"] == "Failed")
        }
    }

    @Test func `a session that was lost is told once and begins anew`() async throws {
        try await TestServer.with { server in
            #expect(try await server.run("x = 1\nimport os; os._exit(0)", session: "a")["status"] == "Failed")
            let lost = try await server.run("x", session: "a")
            #expect(lost.status == 200 && lost["status"] == "SandboxError" && lost["run_result"] == .null)
            #expect(
                lost["message"]?.stringValue?.hasPrefix("session_lost: a cell ended the interpreter with exit code 0")
                    == true, "\(lost.text)")
            #expect(try await server.run("1", session: "a")["value"] == "1")
        }
    }

    @Test func `an unused session is closed, and makes room for others`() async throws {
        let clock = ManualTimeSource()
        try await TestServer.with(clock: clock) {
            $0.sessions = 1
            $0.idle = .seconds(60)
        } _: { server in
            #expect(try await server.run("x = 1", session: "a")["status"] == "Success")
            clock.advance(by: .seconds(60))
            let lost = try await server.run("x", session: "a")
            #expect(
                lost["message"]?.stringValue?.hasPrefix("session_lost: it was closed after 60.0 s without use") == true,
                "\(lost.text)")
            #expect(try await server.run("2", session: "b")["value"] == "2")
        }
    }

    @Test func `too many sessions are refused with the time to come back`() async throws {
        try await TestServer.with {
            $0.sessions = 1
        } _: { server in
            #expect(try await server.run("1", session: "a")["status"] == "Success")
            let refused = try await server.run("1", session: "b")
            #expect(refused.status == 429 && refused.headers.first(name: "retry-after") == "5", "\(refused.text)")
            #expect(refused["detail"]?.stringValue?.hasPrefix("too many sessions") == true)
            #expect(try await server.run("1")["status"] == "Success", "programs have room of their own")
        }
    }

    @Test func `other languages are a clear SandboxError`() async throws {
        try await TestServer.with { server in
            for language in ["cpp", "bash", "pytest", "Python", ""] {
                let answer = try await server.run(["code": "x", "language": .string(language)])
                #expect(answer.status == 200 && answer["status"] == "SandboxError" && answer["run_result"] == .null)
                #expect(
                    answer["message"]?.stringValue
                        == "language \(language): expected python, the only one that this sandbox runs")
            }
        }
    }

    @Test func `what is no request is refused in JSON`() async throws {
        try await TestServer.with {
            $0.maximumBodyBytes = 10_000
        } _: { server in
            let bodies: [(String, Int)] = [
                ("", 422), ("{", 422), ("[]", 422), ("{}", 422), (#"{"code": 1, "language": "python"}"#, 422),
                (#"{"code": "1"}"#, 422), (#"{"code": "1", "language": "python", "run_timeout": 0}"#, 422),
                (#"{"code": "1", "language": "python", "run_timeout": "x"}"#, 422),
                (#"{"code": "1", "language": "python", "files": {"a": "*"}}"#, 422),
                (#"{"code": "1", "language": "python", "files": {"../a": "YQ=="}}"#, 422),
                (#"{"code": "1", "language": "python", "fetch_files": ["/etc/passwd"]}"#, 422),
                (#"{"code": "1", "language": "python", "session_id": "a/b"}"#, 422),
                (#"{"code": "1", "language": "python", "session_id": "a", "stdin": "x"}"#, 422),
                (String(repeating: "[", count: 5000), 422), (String(repeating: "x", count: 20_000), 413),
            ]
            for (body, status) in bodies {
                let answer = try await server.send(.POST, "/run_code", body: Array(body.utf8))
                #expect(
                    answer.status == status && answer["detail"]?.stringValue?.isEmpty == false, "\(body.prefix(80))")
            }
            let wrong = try await server.send(.GET, "/run_code")
            #expect(wrong.status == 405 && wrong.headers.first(name: "allow") == "POST")
            #expect(try await server.send(.GET, "/").status == 404)
            #expect(try await server.send(.GET, "/v1/ping").document == "pong")
            #expect(try await server.send(.GET, "/health")["status"] == "ok")
        }
    }

    @Test func `web pages and foreign names are not answered`() async throws {
        try await TestServer.with { server in
            let body = Array(#"{"code": "1", "language": "python"}"#.utf8)
            let page = try await server.send(.POST, "/run_code", body: body, headers: ["Origin": "http://evil.example"])
            #expect(page.status == 403)
            let name = try await server.send(.POST, "/run_code", body: body, headers: ["Host": "evil.example"])
            #expect(name.status == 403)
        }
    }

    @Test func `64 requests at once hold every limit`() async throws {
        let limits = SandboxLimits(outputBytes: 1000)
        try await TestServer.with(SandboxPolicy(limits: limits)) {
            $0.running = 4
        } _: { server in
            let answers = try await withThrowingTaskGroup(of: (Int, TestServer.Answer).self) { group in
                for index in 0..<64 {
                    group.addTask {
                        let code =
                            switch index % 8 {
                            case 5: "bytearray(10 ** 9)"
                            case 6: "print('x' * 100_000)"
                            case 7: "while True: pass"
                            default: "print(\(index))"
                            }
                        return (
                            index,
                            try await server.run([
                                "code": .string(code), "language": "python", "run_timeout": index % 8 == 7 ? 1 : 30,
                            ])
                        )
                    }
                }
                return try await group.reduce(into: [Int: TestServer.Answer]()) { $0[$1.0] = $1.1 }
            }
            for (index, answer) in answers {
                let run = answer["run_result"]
                switch index % 8 {
                case 5: #expect(answer["status"] == "Failed" && answer["limit"] == "memory", "\(answer.text)")
                case 6:
                    #expect(answer["status"] == "Success", "\(answer.text)")
                    #expect((run?["stdout"]?.stringValue?.utf8.count ?? 5000) <= 1000)
                case 7: #expect(run?["status"] == "TimeLimitExceeded", "\(answer.text)")
                default: #expect(run?["stdout"] == .string("\(index)\n"), "\(answer.text)")
                }
            }
            #expect(try await server.send(.GET, "/health")["in_progress"] == 0)
        }
    }

    @Test func `more than can wait are refused with the time to come back`() async throws {
        try await TestServer.with {
            ($0.running, $0.waiting) = (1, 1)
        } _: { server in
            let answers = try await withThrowingTaskGroup(of: TestServer.Answer.self) { group in
                for _ in 0..<8 { group.addTask { try await server.run("import time; time.sleep(1)") } }
                return try await group.reduce(into: [TestServer.Answer]()) { $0.append($1) }
            }
            let refused = answers.filter { $0.status == 503 }
            #expect(!refused.isEmpty && refused.count + answers.count { $0["status"] == "Success" } == 8)
            #expect(refused.allSatisfy { $0.headers.first(name: "retry-after") == "1" })
        }
    }

    @Test func `a client that goes away takes its program with it`() async throws {
        try await TestServer.with(SandboxPolicy(limits: .init(wall: .seconds(300)))) {
            $0.running = 1
        } _: { server in
            await #expect(throws: (any Error).self) {
                try await server.send(
                    .POST, "/run_code",
                    body: Array(#"{"code": "while True: pass", "language": "python", "run_timeout": 250}"#.utf8),
                    within: .milliseconds(800))
            }
            // There is room for one only: this one waits until the other is gone.
            let next = try await server.run("print(1)")
            #expect(next["status"] == "Success")
        }
    }

    @Test func `stopping ends what runs and leaves nothing behind`() async throws {
        // What is left of the sandboxes is counted by the helper, after the server has stopped.
        let (producer, started) = BoundedChannel<Void>.make(capacity: 8)
        let pending = try await TestServer.with { server in
            let pending = (0..<3).map { index in
                Task {
                    _ = producer.trySend(())
                    return try await server.run(
                        "while True: pass", session: index == 0 ? "a" : nil)
                }
            }
            var iterator = started.makeAsyncIterator()
            for _ in 0..<3 { _ = try await iterator.next() }
            // One that has come to run shows that the others are under way too.
            while try await server.send(.GET, "/health")["in_progress"]?.intValue ?? 0 < 3 {}
            return pending
        }
        for task in pending { _ = try? await task.value }
    }

    @Test func `an address that is taken is told`() async throws {
        try await TestServer.with { server in
            let port = try #require(server.url.split(separator: ":").last.flatMap { Int($0) })
            let error = await #expect(throws: ServerError.self) {
                try await TestServer.with {
                    $0.port = port
                } _: { _ in
                }
            }
            #expect(error?.message.hasPrefix("cannot listen on 127.0.0.1, port \(port): ") == true)
            #expect(error?.hint?.contains("--port") == true)
        }
    }
}
