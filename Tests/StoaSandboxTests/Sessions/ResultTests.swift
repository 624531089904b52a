import OrderedCollections
import StoaCore
import Testing

@testable import StoaSandbox

@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct ResultTests {
    @Test func `the value is the last expression, and None is none`() async throws {
        let results = try await TestSandbox.cells(["x = 20\nx * 2 + 2", "x", "y = 1", "print('a')", "'é' * 2"])
        #expect(results.map(\.value) == ["42", "20", nil, nil, "'éé'"])
        #expect(results.allSatisfy { $0.isOK && $0.session.isAlive && $0.exit == .init() })
        #expect(results.map(\.session.cell) == [1, 2, 3, 4, 5])
        #expect(Set(results.map(\.session.id)).count == 1)
        #expect(results[3].stdout.text == "a\n" && results[4].stdout.text.isEmpty)
    }

    @Test func `an exception leaves the session alive and says where it came from`() async throws {
        let results = try await TestSandbox.cells(["a = 1\ndef f():\n    return 1 / 0\n", "f()", "a"])
        let exception = try #require(results[1].exception)
        #expect(results[1].status == .exception && results[1].limit == nil)
        #expect(exception.type == "ZeroDivisionError" && exception.message == "division by zero")
        #expect(exception.traceback.contains("return 1 / 0") && !exception.traceback.contains("driver.py"))
        #expect(results[2].value == "1")
    }

    @Test func `code that does not parse is an exception`() async throws {
        let result = try await TestSandbox.run("1 +")
        #expect(result.status == .exception && result.exception?.type == "SyntaxError" && result.exit.code == 1)
    }

    @Test(arguments: [(0, "os._exit(0)"), (7, "os._exit(7)")])
    func `a process that leaves by itself is terminated, whatever its code`(code: Int, call: String) async throws {
        let results = try await TestSandbox.cells(["import os\nprint('before', flush=True)\n\(call)", "1"])
        #expect(results[0].status == .terminated && results[0].exit == .init(code: code))
        #expect(results[0].stdout.text == "before\n" && !results[0].session.isAlive)
        #expect(results[1].status == .sessionLost)
        #expect(results[1].reason == "a cell ended the interpreter with exit code \(code)")
    }

    @Test(arguments: ["sys.exit()", "sys.exit(0)", "exit(0)", "raise SystemExit(0)"])
    func `leaving by an exception is no success either`(call: String) async throws {
        let result = try await TestSandbox.run("import sys\n\(call)")
        #expect(result.status == .exception && result.exception?.type == "SystemExit" && result.exit.code == 0)
        #expect(try await TestSandbox.run("import sys; sys.exit(3)").exit.code == 3)
    }

    @Test func `a signal that ends the process is told`() async throws {
        let result = try await TestSandbox.run("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)")
        #expect(result.status == .terminated && result.exit.signal == 15)
        let crash = try await TestSandbox.run("import ctypes\nctypes.string_at(0)")
        #expect(crash.status == .terminated && crash.exit.signal == 11)
    }

    @Test func `the soft wall keeps the variables`() async throws {
        let limits = SandboxLimits(wall: .seconds(2))
        let results = try await TestSandbox.cells(["n = 0\nwhile True: n += 1", "n > 1000"], limits: limits)
        #expect(results[0].status == .timeout && results[0].limit == .softWall && results[0].session.isAlive)
        #expect(results[1].value == "True")
    }

    @Test(arguments: [
        "def f():\n    while True: pass\nwhile True:\n    try: f()\n    except BaseException: pass",
        "from collections import deque\nfrom itertools import repeat\ndeque(repeat(0), maxlen=0)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ntime.sleep(100)",
    ])
    func `what the soft wall does not stop, the hard one kills`(code: String) async throws {
        let limits = SandboxLimits(wall: .milliseconds(900))
        let results = try await TestSandbox.cells([code, "1"], limits: limits)
        #expect(results[0].status == .timeout && results[0].limit == .wall && !results[0].session.isAlive)
        #expect(results[0].exit.signal == 9)
        #expect(results[0].timing.wall >= .milliseconds(900))
        #expect(results[1].status == .sessionLost)
    }

    @Test func `processor time is a limit of its own`() async throws {
        let limits = SandboxLimits(wall: .seconds(20), cpu: .milliseconds(300))
        let result = try await TestSandbox.run("while True: pass", limits: limits)
        #expect(result.status == .timeout && result.limit == .cpu && result.timing.cpu >= .milliseconds(300))
    }

    @Test func `memory that is not there is an exception, and the session lives`() async throws {
        let results = try await TestSandbox.cells(["b = bytearray(10 ** 9)", "1 + 1"])
        #expect(results[0].status == .exception && results[0].limit == .memory)
        #expect(results[0].exception?.type == "MemoryError" && results[1].value == "2")
    }

    @Test func `long output keeps its start and its end`() async throws {
        let limits = SandboxLimits(outputBytes: 2000)
        let result = try await TestSandbox.run("for i in range(10000): print(i)\n'v' * 9000", limits: limits)
        #expect(result.isOK && result.stdout.isTruncated && result.stdout.bytes == 48890)
        #expect(result.stdout.text.utf8.count <= 2000)
        #expect(result.stdout.text.hasPrefix("0\n1\n") && result.stdout.text.hasSuffix("9998\n9999\n"))
        let value = try #require(result.value)
        #expect(result.isValueTruncated && value.utf8.count <= 2000 && value.contains("bytes in all"))
    }

    @Test func `a flood ends the session`() async throws {
        let results = try await TestSandbox.cells(["while True: print('x' * 65536)", "1"])
        #expect(results[0].status == .terminated && results[0].limit == .output)
        #expect(results[0].stdout.text.utf8.count <= 256 << 10 && results[1].status == .sessionLost)
    }

    @Test func `bytes, NULs and surrogates come out as valid text`() async throws {
        let result = try await TestSandbox.run(
            #"""
            import os, sys
            os.write(1, b"a\xff\x00b\n")
            print("c\ud800d")
            sys.stderr.write("\udfff")
            "e\ud83d"
            """#)
        #expect(result.isOK)
        #expect(result.stdout.text == "a\u{FFFD}\u{0}b\nc\u{FFFD}d\n" && result.stdout.isLossy)
        #expect(result.stderr.text == "\u{FFFD}")
        #expect(result.value == #"'e\ud83d'"#)
        _ = try JSONParser.parse(result.document.text)
    }

    @Test func `standard input is what was given, or nothing`() async throws {
        let code = "import sys\ndata = sys.stdin.read()\nlen(data), data[:3], data[-3:]"
        #expect(try await TestSandbox.run(code).value == "(0, '', '')")
        let long = Array(repeating: UInt8(ascii: "a"), count: 3_000_000) + Array("end".utf8)
        #expect(try await TestSandbox.run(code, input: long).value == "(3000003, 'aaa', 'end')")
        #expect(try await TestSandbox.run("input()", input: Array("x\n".utf8)).value == "'x'")
        #expect(try await TestSandbox.run("1", input: long).value == "1", "input that nobody reads holds nothing up")
    }

    @Test func `a repr that fails or never ends is the cell's own fault`() async throws {
        let limits = SandboxLimits(wall: .seconds(6))
        let results = try await TestSandbox.cells(
            [
                "class A:\n    def __repr__(self): return 1 / 0\nA()",
                "class B:\n    def __repr__(self):\n        while True: pass\nB()",
            ],
            limits: limits)
        #expect(results[0].exception?.type == "ZeroDivisionError")
        #expect(results[1].status == .timeout && results[1].limit == .softWall)
    }

    @Test func `a program ends as Python ends one`() async throws {
        let result = try await TestSandbox.run(
            """
            import atexit, threading, time
            atexit.register(lambda: print("bye"))
            threading.Thread(target=lambda: (time.sleep(.1), print("thread"))).start()
            print("main")
            """)
        #expect(result.isOK && result.stdout.text == "main\nthread\nbye\n" && result.exit.code == 0)
        let hanging = try await TestSandbox.run(
            "import atexit\ndef f():\n    while True: pass\natexit.register(f)", limits: .init(wall: .seconds(1)))
        #expect(hanging.status == .timeout)
    }

    @Test func `the document is the contract's`() async throws {
        let document = try await TestSandbox.run("print('a')\n1 / 0").document
        #expect(
            document.objectValue?.keys.sorted() == [
                "exception", "exit", "limit", "peak_rss_kb", "session", "status", "stderr", "stdout", "timing",
                "truncated", "value",
            ])
        #expect(document["status"] == "exception" && document["limit"] == .null && document["value"] == .null)
        #expect(document["exit"] == ["code": 1, "signal": .null])
        #expect(document["truncated"] == ["stdout": false, "stderr": false, "value": false])
        #expect(document["timing"]?.objectValue?.keys.elements == ["queue_ms", "start_ms", "wall_ms", "cpu_ms"])
        #expect(document["session"]?["alive"] == false && document["session"]?["cell"] == 1)
        #expect((document["peak_rss_kb"]?.intValue ?? 0) > 4000)
    }

    @Test func `limits that cannot be held are refused before anything is started`() async throws {
        for (limits, name) in [
            (SandboxLimits(wall: .zero), "wall_seconds"), (SandboxLimits(memoryBytes: 1 << 20), "memory_mb"),
            (SandboxLimits(outputBytes: -1), "output_bytes"),
        ] {
            let error = await #expect(throws: SandboxError.self) { try await TestSandbox.run("1", limits: limits) }
            #expect(error?.kind == .usage && error?.message.hasPrefix("\(name): expected ") == true)
        }
    }
}
