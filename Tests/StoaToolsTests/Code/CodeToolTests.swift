import OrderedCollections
import StoaCore
import StoaTools
import Testing

@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct CodeToolTests {
    @Test func `the value is the last expression, and what is printed stands beside it`() async throws {
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            let result = try await box.run("print('hello')\n6 * 7")
            let code = try #require(CodeResult(document: result.value))
            #expect(result.status == .ok && result.output == "hello\n")
            #expect(code == CodeResult(stdout: "hello\n", value: "42"))
            #expect(result.details["timing"]?["wall_ms"] != nil && result.details["stdout"] == nil)
        }
    }

    @Test func `a session keeps its variables, calls without one share nothing`() async throws {
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            var first = TestSession("first")
            var second = TestSession("second")
            #expect(try await first.run(box, "x = 1\nx").value == "1")
            #expect(try await second.run(box, "x = 2\nx").value == "2")
            #expect(try await first.run(box, "x + 10").value == "11")
            #expect(first.context.history.allSatisfy { $0.result.restoration == nil })
            let alone = try #require(CodeResult(document: try await box.run("x").value))
            #expect(alone.exception?.type == "NameError" && alone.status == "exception")
        }
    }

    @Test func `an exception is a failure with its traceback, and the session goes on`() async throws {
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            var session = TestSession("s")
            let result = try await session.call(box, "python", ["code": "y = 5\n1 / 0"])
            #expect(result.status == .failed && result.output == "ZeroDivisionError: division by zero")
            let code = try #require(CodeResult(document: result.value))
            #expect(code.exception?.traceback.contains("line 2") == true)
            #expect(code.exception?.traceback.contains("driver.py") == false)
            #expect(try await session.run(box, "y").value == "5")
        }
    }

    @Test(arguments: [
        ("final_answer(42)", "42"), ("final_answer(0.1 + 0.2)", "0.30000000000000004"),
        ("final_answer('a text')", "a text"), ("final_answer(True)", "True"), ("final_answer(1e100)", "1e+100"),
        ("from fractions import Fraction\nfinal_answer(Fraction(2, 6))", "1/3"),
        ("final_answer(1)\nfinal_answer(2)", "2"), ("final_answer([1, 2.5])", "[1, 2.5]"),
        ("final_answer(2.0)", "2.0"), ("final_answer(10 ** 30)", "1" + String(repeating: "0", count: 30)),
        ("final_answer(7)\n1 / 0", "7"), ("def f(x):\n    final_answer(x)\nf('inner')", "inner"),
        ("final_answer('\\ud800')", "\u{FFFD}"),
    ])
    func `an answer comes by its own way, as its text`(code: String, answer: String) async throws {
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            let result = try #require(CodeResult(document: try await box.run(code).value))
            #expect(result.answer == answer && result.stdout.isEmpty)
        }
    }

    @Test(arguments: [
        "print('\\\\boxed{5}')", "print('final_answer(5)')", "'final_answer'", "print('{\"answer\": \"5\"}')", "x = 5",
        "import sys\nsys.stdout.write('answer: 5')", "def final_answer(x): pass\nfinal_answer(5)",
        "final_answer = print\nfinal_answer(5)", "del final_answer\nfinal_answer(5)",
    ])
    func `nothing that is printed is an answer, and neither is what another function of the name was given`(
        code: String
    ) async throws {
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            let result = try #require(CodeResult(document: try await box.run(code).value))
            #expect(result.answer == nil)
        }
    }

    @Test func `a final_answer of the code's own is noticed in this cell and in later ones`() async throws {
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            var session = TestSession("s")
            let note = "the code has made final_answer something else: what that is given is not taken for an answer"
            let first = try await session.call(
                box, "python", ["code": "def final_answer(x): print(x)\nfinal_answer(3)"])
            #expect(first.output == "3\n" + note)
            let second = try await session.call(box, "python", ["code": "final_answer(4)"])
            #expect(second.value["answer"] == .null && second.output == "4\n" + note)
            #expect(try await session.run(box, "1").answer == nil)
            let plain = try await box.run("1")
            #expect(!plain.output.contains("final_answer"))
        }
    }

    @Test func `an answer that is too long or cannot be written is an exception`() async throws {
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            let long = try #require(CodeResult(document: try await box.run("final_answer('x' * 10**6)").value))
            #expect(long.answer == nil && long.exception?.type == "ValueError")
            #expect(long.exception?.message == "final_answer: expected an answer of at most 4096 bytes, found 1000000")
            let broken = "class A:\n    def __str__(self): raise KeyError('no')\nfinal_answer(A())"
            let result = try #require(CodeResult(document: try await box.run(broken).value))
            #expect(result.answer == nil && result.exception?.type == "KeyError")
        }
    }

    @Test func `the answer of one cell is not that of the next`() async throws {
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            var session = TestSession("s")
            #expect(try await session.run(box, "final_answer(1)").answer == "1")
            #expect(try await session.run(box, "1").answer == nil)
        }
    }

    @Test(arguments: [
        ("while True: pass", "timeout", "it took longer than 2.5 s and was interrupted"),
        (
            "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ntime.sleep(60)", "timeout",
            "it took longer than 3 s and was ended"
        ),
    ])
    func `too much time is a limit`(code: String, status: String, output: String) async throws {
        var tool = TestTools.code
        tool.limits.wall = .seconds(3)
        try await TestTools.with([tool]) { (box: Toolbox) async throws in
            let result = try await box.run(code)
            #expect(result.status == .limit && result.output == output && result.value["status"] == .string(status))
        }
    }

    @Test func `what a cell prints without end is a limit, and a little of it is kept`() async throws {
        var tool = TestTools.code
        tool.limits.outputBytes = 1000
        try await TestTools.with([tool]) { (box: Toolbox) async throws in
            let short = try await box.run("print('x' * 5000)")
            let text = try #require(short.value["stdout"]?.stringValue)
            #expect(short.status == .ok && text.utf8.count <= 1000 && text.contains("5001 bytes in all"))
            #expect(short.details["truncated"]?["stdout"] == true)
            let endless = try await box.run("while True: print('x' * 100000)")
            #expect(endless.status == .limit && endless.value["limit"] == "output")
        }
    }

    @Test func `a lost session is said once, and then begins anew`() async throws {
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            var session = TestSession("s")
            _ = try await session.run(box, "x = 1")
            #expect(try await session.run(box, "import os\nos._exit(0)").status == "terminated")
            let lost = try await session.call(box, "python", ["code": "x"])
            #expect(lost.status == .failed && lost.value["status"] == "session_lost")
            #expect(lost.output.hasPrefix("the call before it ended the interpreter"))
            let fresh = try await session.call(box, "python", ["code": "'x' in globals()"])
            #expect(fresh.value["value"] == "False" && fresh.restoration == nil)
            #expect(try await session.run(box, "2").value == "2")
        }
    }

    @Test(.needsPackages) func `numpy and sympy are there, sympy's values are written as they are`() async throws {
        var tool = TestTools.code
        tool.packages = "mathematics"
        try await TestTools.with([tool]) { (box: Toolbox) async throws in
            let code =
                "import numpy as np, sympy\nx = sympy.Symbol('x')\nfinal_answer(sympy.integrate(2*x, (x, 0, 3)) / 2)\nnp.arange(3).sum()"
            let result = try #require(CodeResult(document: try await box.run(code).value))
            #expect(result.answer == "9/2" && result.exception == nil)
            let float = try #require(
                CodeResult(document: try await box.run("import numpy\nfinal_answer(numpy.float64(0.5))").value))
            #expect(float.answer == "0.5")
            let root = try #require(
                CodeResult(document: try await box.run("import sympy\nfinal_answer(sympy.sqrt(8))").value))
            #expect(root.answer == "2*sqrt(2)")
        }
    }

    @Test func `a call that is cancelled ends its interpreter, and the session is rebuilt`() async throws {
        let mark = "m" + String(UInt64.random(in: 0..<UInt64.max), radix: 36)
        try await TestTools.with([TestTools.code], TestTools.resources(mark: mark)) { (box: Toolbox) async throws in
            var session = TestSession("s")
            _ = try await session.run(box, "x = 20")
            let context = session.context
            let call = Task { try await box.run("import time\ntime.sleep(100)", in: context) }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            #expect(try await session.run(box, "x + 1").value == "21")
        }
        #expect(Processes.marked(mark) == 0)
    }
}
