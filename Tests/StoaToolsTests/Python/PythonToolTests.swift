import OrderedCollections
import StoaCore
import StoaTools
import Testing

@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct PythonToolTests {
    private func call(_ source: String, _ arguments: JSONValue = [:]) async throws -> ToolResult {
        try await TestTools.with([TestTools.python(source)]) { try await $0.call("t", arguments) }
    }

    @Test func `arguments are given by name, the value comes back, and what is printed is beside it`() async throws {
        let result = try await call(
            "def run(width, height=2, **rest):\n    print('computing')\n    return {'area': width * height, 'rest': rest}",
            ["width": 3, "unit": "m", "deep": ["a": [1, .null, true, 0.5, "é\n"]]])
        #expect(result.status == .ok && result.output == "computing\n")
        #expect(result.value == ["area": 6, "rest": ["unit": "m", "deep": ["a": [1, .null, true, 0.5, "é\n"]]]])
    }

    @Test(
        arguments: [
            ("return None", .null), ("return [1, 2.5, 'x', True]", [1, 2.5, "x", true]),
            ("return 10**18", 1_000_000_000_000_000_000),
            ("return {'a': (1, 2)}", ["a": [1, 2]]), ("return '\\ud800'", "\u{FFFD}"),
            ("return 'x' * 100000", .string(String(repeating: "x", count: 100_000))),
            ("return 'é' * 60000", .string(String(repeating: "é", count: 60_000))),
            ("print('{\"value\": 2}')\n    return 1", 1),
        ] as [(String, JSONValue)])
    func `any value that JSON can say comes back`(body: String, value: JSONValue) async throws {
        let result = try await call("def run():\n    \(body)")
        #expect(result.status == .ok && result.value == value)
    }

    @Test(arguments: [
        (
            "def run():\n    return {1, 2}",
            "t: TypeError: run returned what JSON cannot say: Object of type set is not JSON serializable"
        ),
        (
            "def run():\n    return float('nan')",
            "t: TypeError: run returned what JSON cannot say: Out of range float values are not JSON compliant"
        ),
        (
            "def run():\n    x = []\n    x.append(x)\n    return x",
            "t: TypeError: run returned what JSON cannot say: Circular reference detected"
        ),
        ("def run():\n    raise ValueError('too wide')", "t: ValueError: too wide"),
        ("def walk():\n    pass", "t: NameError: there is no function run"),
        ("run = 5", "t: NameError: there is no function run"),
        ("def run(width):\n    pass", "t: TypeError: run() missing 1 required positional argument: 'width'"),
        ("def run(:", "t: main.py cannot be loaded: SyntaxError: "),
        ("1 / 0", "t: main.py cannot be loaded: ZeroDivisionError: division by zero"),
        ("import numpy\ndef run(): pass", "t: main.py cannot be loaded: ModuleNotFoundError: No module named 'numpy'"),
        ("def run():\n    raise SystemExit(0)", "t: SystemExit: 0"),
        ("def run():\n    import os\n    os._exit(0)", "t: "),
    ])
    func `whatever goes wrong is a failure that says what`(source: String, output: String) async throws {
        let result = try await call(source)
        #expect(result.status == .failed && result.output.hasPrefix(output), "\(result.output)")
    }

    @Test func `a value that is too long is a limit, not a part of it`() async throws {
        let result = try await call("def run():\n    return 'x' * 300000")
        #expect(
            result.status == .limit && result.value == .null
                && result.output == "t: run returned more than 262144 bytes")
    }

    @Test func `a test that stands below the function is not run`() async throws {
        let source =
            "print('loading')\ndef run():\n    return __name__\n\nif __name__ == '__main__':\n    raise SystemExit"
        let result = try await call(source)
        #expect(result.value == "tool" && result.output.isEmpty)
    }

    @Test func `a traceback names the file and the line, of later calls too`() async throws {
        let source =
            "import pickle, dataclasses\n@dataclasses.dataclass\nclass A:\n    n: int\ndef run(n):\n    pickle.loads(pickle.dumps(A(n)))\n    return 1 / n"
        try await TestTools.with([TestTools.python(source)]) { (box: Toolbox) async throws in
            var session = TestSession("s")
            #expect(try await session.call(box, "t", ["n": 1]).value == 1.0)
            for _ in 0..<2 {
                let result = try await session.call(box, "t", ["n": 0])
                let traceback = try #require(result.details["exception"]?["traceback"]?.stringValue)
                #expect(traceback.contains("File \"main.py\", line 7, in run\n    return 1 / n"))
                #expect(!traceback.contains("driver.py"))
            }
        }
    }

    @Test func `every call has a fresh interpreter, unless it is made in a session`() async throws {
        let source = "calls = []\ndef run():\n    calls.append(1)\n    return len(calls)"
        try await TestTools.with([TestTools.python(source)]) { (box: Toolbox) async throws in
            for _ in 0..<2 { #expect(try await box.call("t", [:]).value == 1) }
            var session = TestSession("s")
            for count in 1...3 { #expect(try await session.call(box, "t", [:]).value == .integer(Int64(count))) }
        }
    }

    @Test func `a failing call leaves the session as it is, a deadly one is said once`() async throws {
        let source = """
            import os
            n = 0
            def run(do):
                global n
                n += 1
                if do == 'raise': raise KeyError(n)
                if do == 'die': os._exit(3)
                return n
            """
        try await TestTools.with([TestTools.python(source)]) { (box: Toolbox) async throws in
            var session = TestSession("s")
            let outcomes: [(String, ToolResult.Status, JSONValue)] = [
                ("raise", .failed, .null), ("count", .ok, 2), ("die", .failed, ["interpreter_ended": true]),
                ("count", .failed, ["session_lost": true]), ("count", .ok, 1),
            ]
            for (word, status, value) in outcomes {
                let result = try await session.call(box, "t", ["do": .string(word)])
                #expect(result.status == status && result.value == value, "\(word): \(result)")
            }
        }
    }

    @Test func `limits are the tool's own`() async throws {
        var slow = TestTools.python("def run():\n    while True: pass")
        slow.limits = ToolLimits(wall: .seconds(3), memoryBytes: 200 << 20, outputBytes: 100)
        var wide = TestTools.python("def run():\n    return len(bytearray(400 * 2**20))", name: "wide")
        wide.limits.memoryBytes = 200 << 20
        var roomy = wide
        roomy.name = "roomy"
        roomy.limits.memoryBytes = 800 << 20
        try await TestTools.with([slow, wide, roomy]) { (box: Toolbox) async throws in
            let late = try await box.call("t", [:])
            #expect(late.status == .limit && late.output == "t: it took longer than 2.5 s and was interrupted")
            let large = try await box.call("wide", [:])
            #expect(large.status == .limit && large.output.hasPrefix("wide: MemoryError"))
            #expect(try await box.call("roomy", [:]).value == .integer(400 << 20))
        }
    }

    @Test func `it has no way out either`() async throws {
        let source =
            "import os, socket\ndef run():\n    try: socket.socket()\n    except OSError: return sorted(os.environ)[:1]"
        let result = try await call(source)
        #expect(result.status == .ok)
        let secret = try await call("def run():\n    return open('/etc/passwd').read()")
        #expect(secret.status == .failed && secret.output.hasPrefix("t: FileNotFoundError"))
    }
}
