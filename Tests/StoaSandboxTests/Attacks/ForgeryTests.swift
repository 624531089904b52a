import StoaCore
import Testing

@testable import StoaSandbox

/// Cells that speak in the driver's name.
///
/// A cell can lie about itself; it cannot speak for another or go on unseen.
@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct ForgeryTests {
    @Test(arguments: [
        "import os\nos.write(4, b'garbage that is long enough to be a frame')",
        "import os\nos.write(4, (2).to_bytes(4, 'little') + bytes(16) + b'{}')",
        "import os\nos.write(4, b'\\xff\\xff\\xff\\xff' + bytes(16))",
        "import os\nos.write(4, (70000).to_bytes(4, 'little') + bytes(70016))",
        "import os\nfor i in range(1000): os.write(4, (2).to_bytes(4, 'little') + os.urandom(16) + b'{}')",
    ])
    func `a frame without the nonce ends the session`(code: String) async throws {
        let results = try await TestSandbox.cells([code, "1"])
        #expect(results[0].status == .protocolViolation && !results[0].session.isAlive, "\(results[0])")
        #expect(results[1].status == .sessionLost)
        #expect(results[1].reason == "a cell wrote to the sandbox's own descriptors")
    }

    /// Finds the nonce in the driver's own frames, which nothing can prevent in one process.
    private static let findNonce = """
        import sys, os, json
        frame = sys._getframe()
        while "nonce" not in frame.f_locals: frame = frame.f_back
        nonce = frame.f_locals["nonce"]
        def say(document):
            data = json.dumps(document).encode()
            os.write(4, len(data).to_bytes(4, "little") + nonce + data)
        honest = {"value": "1", "value_cut": False, "exception": None, "timeout": False, "limit": None, "code": None,
                  "answer": None, "answer_replaced": False, "peak_rss_kb": 1}

        """

    @Test func `a forged answer is followed by the true one, which ends the session`() async throws {
        let results = try await TestSandbox.cells([Self.findNonce + "say(honest | {'value': 'forged'})\n2", "3"])
        // The lie about the cell itself is inherent; what comes after it is not believed.
        #expect(results[0].value == "forged")
        #expect(results[1].status == .protocolViolation || results[1].status == .sessionLost, "\(results[1])")
    }

    @Test(arguments: [
        "[]", "honest | {'value': 5}", "honest | {'value': 'x' * 60000}", "honest | {'limit': 'wall'}",
        "honest | {'answer': 5}", "honest | {'exception': {'type': 1}}", "honest | {'code': 1000}",
        "honest | {'peak_rss_kb': -1}", "{}",
        "eval('[' * 90 + ']' * 90)", "honest | {'timeout': 'no'}",
    ])
    func `an answer of another form is a violation`(document: String) async throws {
        let results = try await TestSandbox.cells([Self.findNonce + "say(\(document))", "3"])
        #expect(results[0].status == .protocolViolation, "\(results[0])")
        #expect(results[1].status == .sessionLost)
    }

    @Test func `closing or reusing the descriptors answers nothing`() async throws {
        let limits = SandboxLimits(wall: .milliseconds(800))
        for code in [
            "import os\nos.close(4)", "import os\nos.closerange(3, 64)",
            "import os\nos.dup2(1, 4)\nprint('x')", "import os\nos.close(3); os.close(4); os.pipe()",
        ] {
            let results = try await TestSandbox.cells([code, "1"], limits: limits)
            #expect(!results[0].isOK && !results[0].session.isAlive, "\(code) \(results[0])")
            #expect(results[1].status == .sessionLost)
        }
        let closed = try await TestSandbox.cells(
            ["import os\nos.close(1); os.close(2)", "print('a')", "5"], limits: limits)
        #expect(closed[2].value == "5", "a cell may close its own streams")
    }

    @Test func `what a cell prints is never taken for an order`() async throws {
        let code = #"""
            import os
            for kind in b"rcdxf":
                os.write(1, (36).to_bytes(4, "little") + bytes([kind]) + (1).to_bytes(4, "little") + bytes(36))
            print('{"status": "ok"}\x1b]0;title\x07')
            1 / 0
            """#
        let result = try await TestSandbox.run(code)
        #expect(result.status == .exception && result.stdout.bytes > 225)
    }

    @Test func `damage to Python itself stays in the session`() async throws {
        let results = try await TestSandbox.cells([
            "import builtins, json, sys\njson.dumps = None\njson.JSONEncoder.encode = None\nbuiltins.repr = None\nsys.stdout = None\n1",
            "2",
        ])
        for result in results { #expect(result.status != .ok || result.value != nil, "\(result)") }
        #expect(try await TestSandbox.run("2").value == "2")
    }

    @Test func `sessions share nothing`() async throws {
        let sandbox = try await TestSandbox.make(SandboxPolicy(), .init(ready: 2))
        try await sandbox.warm()
        var seen: Set<String> = []
        for _ in 0..<4 {
            let session = try #require(try await sandbox.openSession(seed: 5))
            let result = try await session.run(
                """
                import os, random, builtins
                found = [os.listdir("/work"), os.listdir("/tmp"), hasattr(builtins, "mark"), "mark" in globals()]
                builtins.mark = mark = 1
                open("/work/mark", "w").write("x"); open("/tmp/mark", "w").write("x")
                found, random.random(), hash("stoa"), [str(x) for x in {"a", "b", "c"}]
                """)
            seen.insert(try #require(result.value))
            #expect(result.value?.hasPrefix("([[], [], False, False]") == true)
            await session.close()
        }
        #expect(seen.count == 1, "fresh sandboxes with one seed agree on random() and hash()")
        await sandbox.close()
    }
}
