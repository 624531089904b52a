import StoaCore
import Testing

@testable import StoaSandbox

/// A candidate and what checks it: never in one interpreter, so that no candidate decides its own grade.
@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct CheckerTests {
    /// Candidates that do not compute 42 and try to pass for one that does.
    static let cheats = [
        "import builtins\nclass Yes:\n    def __eq__(self, other): return True\n    def __repr__(self): return '41'\nYes()",
        "import builtins\nbuiltins.print = lambda *a: None\nbuiltins.AssertionError = Exception\n41",
        "import sys, atexit\natexit.register(lambda: sys.stdout.write('42\\n'))\nraise SystemExit(0)",
        "import os\nos.write(1, b'{\"status\": \"ok\", \"value\": \"42\"}\\n')\nos._exit(0)",
        "open('/work/result.txt', 'w').write('passed')\nopen('/tmp/grade', 'w').write('1.0')\n41",
        "import sys\nsys.settrace(lambda *a: None)\nsys.modules['__main__'].expected = 41\n41",
        "import json\njson.loads = lambda text: 42\njson.dumps = lambda value: '42'\n41",
        "import gc\nfor o in gc.get_objects():\n    if isinstance(o, dict) and 'expected' in o: o['expected'] = 41\n41",
    ]

    @Test func `the check runs elsewhere, on text, and is fooled by none`() async throws {
        let checker = """
            import json, sys, os
            expected = 42
            answer = sys.stdin.read()
            assert os.listdir("/work") == [] and os.listdir("/tmp") == []
            print(json.dumps({"passed": answer.strip() == str(expected)}))
            """
        func grade(_ candidate: String) async throws -> JSONValue? {
            let result = try await TestSandbox.run(candidate)
            // What ended badly is wrong, whatever it printed; what it is believed is the text of its value.
            let answer = result.isOK ? result.value ?? "" : ""
            let check = try await TestSandbox.run(checker, input: Array(answer.utf8))
            return check.isOK ? try JSONParser.parse(check.stdout.text)["passed"] : nil
        }
        #expect(try await grade("6 * 7") == true)
        for cheat in Self.cheats { #expect(try await grade(cheat) == false, "\(cheat)") }
    }

    @Test func `neither exit code 0 nor a file nor a line of output is success`() async throws {
        for code in ["import os; os._exit(0)", "raise SystemExit(0)", "import os, signal; os.kill(os.getpid(), 9)"] {
            let result = try await TestSandbox.run("print('ok', flush=True)\nopen('passed', 'w').close()\n" + code)
            #expect(!result.isOK && result.stdout.text == "ok\n", "\(code)")
        }
    }
}
