import Foundation
import StoaCore
import Testing

/// `stoa tool` through the built program.
@Suite(.timeLimit(.minutes(30))) struct ToolCommandTests {
    private let folder: RunFolder

    init() throws {
        folder = try RunFolder()
        try folder.write(
            """
            description: Divides.
            kind: python
            parameters: {type: object, properties: {a: {type: number}, b: {type: number}}, required: [a, b], additionalProperties: false}
            limits: {wall_seconds: 1}
            """, to: "tools/divide/tool.yaml")
        try folder.write(
            "def run(a, b):\n    print('dividing')\n    while b < 0: pass\n    return a / b\n",
            to: "tools/divide/main.py")
        try folder.write("kind: python\n", to: "tools/broken/tool.yaml")
        try folder.write(
            """
            description: Computes.
            kind: builtin
            parameters: {type: object, properties: {expression: {type: string}}}
            """, to: "tools/calculator/tool.yaml")
    }

    @Test func `the list has every tool of the project, the broken ones with what is wrong`() throws {
        let tools = try #require(try folder.document("tool", "list").arrayValue)
        #expect(tools.map { $0["name"] } == ["broken", "calculator", "divide"])
        #expect(tools[2]["kind"] == "python" && tools[2]["description"] == "Divides." && tools[2]["problems"] == [])
        #expect(tools[2]["path"] == .string(folder.path + "/tools/divide/tool.yaml"))
        #expect(tools[2]["parameters"]?["required"] == ["a", "b"])
        #expect(tools[0]["kind"] == .null && tools[0]["problems"]?.arrayValue?.isEmpty == false)
        let people = try folder.stoa("tool", "list").output.split(separator: "\n")
        #expect(people.count == 3 && people[2] == "divide      python   Divides.")
    }

    @Test func `a builtin tool needs no sandbox`() throws {
        let document = try folder.document("tool", "test", "calculator", "--args", #"{"expression": "2^10"}"#)
        #expect(
            document["status"] == "ok" && document["value"]?["result"] == "1024" && document["tool"] == "calculator")
    }

    @Test(.enabled(if: SandboxCommandTests.isUsable()))
    func `the value is on standard output, what is printed on standard error`() throws {
        let people = try folder.stoa("tool", "test", "divide", "--args", #"{"a": 1, "b": 4}"#)
        #expect(people.status == 0 && people.output == "0.25\n" && people.error == "dividing\n")
        let document = try folder.document("tool", "test", "divide", "--args", #"{"a": 1, "b": 4}"#)
        #expect(document["value"] == 0.25 && document["output"] == "dividing\n")
        #expect(try #require(document["seconds"]?.doubleValue) > 0)
    }

    @Test(
        .enabled(if: SandboxCommandTests.isUsable()),
        arguments: [
            (#"{"a": 1, "b": 0}"#, 1, "failed", "divide: ZeroDivisionError: "),
            (#"{"a": 1, "b": -1}"#, 124, "limit", "divide: it took longer than "),
        ] as [(String, Int32, String, String)])
    func `a call that does not go well says so, with a code of its own`(
        arguments: String, code: Int32, status: String, output: String
    ) throws {
        let result = try folder.stoa("tool", "test", "divide", "--args", arguments, "--json")
        let document = try result.document()
        #expect(result.status == code && document["status"]?.stringValue == status && document["value"] == .null)
        #expect(document["output"]?.stringValue?.hasPrefix(output) == true)
        let people = try folder.stoa("tool", "test", "divide", "--args", arguments)
        #expect(people.status == code && people.output.isEmpty && people.error.contains("\(status): \(output)"))
    }

    @Test(
        arguments: [
            (["divide", "--args", "{"], 64, "--args: expected a JSON object, or @FILE, found \"{\""),
            (["divide", "--args", "[1]"], 64, "--args: expected a JSON object"),
            (
                ["divide"], 64,
                "tool divide: arguments.a: expected a number, found nothing\narguments.b: expected a number, found nothing"
            ),
            (
                ["divide", "--args", #"{"a": 1, "b": "2"}"#], 64,
                "tool divide: arguments.b: expected a number, found \"2\""
            ),
            (["divid"], 64, "there is no tool 'divid'\nhint: did you mean 'divide'?"),
            (["broken"], 65, "tool broken has "),
        ] as [([String], Int32, String)])
    func `a wrong command line names what is wrong`(arguments: [String], code: Int32, message: String) throws {
        let result = try StoaBinary.run(folder.process(["tool", "test"] + arguments))
        #expect(result.status == code && result.output.isEmpty)
        #expect(result.error.contains(message), "\(result.error)")
    }

    @Test func `without a sandbox the code is 6, for a call and for a run, and nothing was run`() throws {
        let none: [String: String?] = ["STOA_SANDBOX_INIT": "/nonexistent"]
        let call = try folder.stoa("tool", "test", "divide", "--args", #"{"a": 1, "b": 2}"#, environment: none)
        #expect(call.status == 6 && call.output.isEmpty && call.error.contains("no usable sandbox"))
        try folder.playbook(
            "half",
            "tools: {divide: {use: divide}}\nsteps:\n  - {id: x, call: divide, arguments: {a: 1, b: 2}}\noutput: \"{{ x.value }}\""
        )
        let run = try folder.stoa("run", "half", environment: none)
        #expect(run.status == 6 && run.error.contains("no usable sandbox"), "\(run.status): \(run.error)")
    }

    @Test(.enabled(if: SandboxCommandTests.isUsable()))
    func `a run keeps its tools, so that its replays need neither the files nor a sandbox`() throws {
        try folder.playbook(
            "half",
            """
            parameters: {x: {type: number, default: 1}, y: {type: number, default: 2}}
            tools: {divide: {use: divide}}
            steps:
              - {id: result, call: divide, arguments: {b: "{{ y }}", a: "{{ x }}"}}
            output: "{{ result.value }}"
            """)
        #expect(try folder.document("run", "half")["answer"] == "0.5")
        try FileManager.default.removeItem(atPath: folder.path + "/tools")
        let none: [String: String?] = ["STOA_SANDBOX_INIT": "/nonexistent"]
        #expect(try folder.document("replay", "latest", "--mode", "strict", environment: none)["identical"] == true)
        let live = try folder.document("replay", "latest", "--mode", "tools")
        #expect(live["identical"] == true && (live["compared"]?.intValue ?? 0) > 0)
    }

    @Test func `what the user says of tools makes a run ask, and no project takes it back`() throws {
        try folder.playbook(
            "sum",
            "tools: {calculator: {use: calculator}}\nsteps:\n  - {id: x, call: calculator, arguments: {expression: \"1+1\"}}\noutput: \"{{ x.status }}\""
        )
        #expect(try folder.stoa("run", "sum").status == 0)
        let variable: [String: String?] = ["STOA_APPROVALS": "calc*=ask"]
        #expect(try folder.stoa("run", "sum", environment: variable).status == 5)
        folder.environment["XDG_CONFIG_HOME"] = folder.path + "/config"
        try folder.write("approvals: {\"*\": deny}\n", to: "config/stoa/config.yaml")
        try folder.write("approvals: {calculator: auto}\n", to: "stoa.yaml")
        #expect(try folder.document("run", "sum")["answer"] == "denied")
        let wrong: [String: String?] = ["STOA_APPROVALS": "calculator=never"]
        let refused = try folder.stoa("run", "sum", environment: wrong)
        #expect(refused.status == 64 && refused.error.contains("STOA_APPROVALS: expected patterns of tools' names"))
    }

    @Test(.enabled(if: SandboxCommandTests.isUsable()))
    func `Ctrl-C ends a call, and leaves nothing running`() throws {
        try folder.write("def run(a, b):\n    import time\n    time.sleep(60)\n", to: "tools/divide/main.py")
        try folder.write(
            "description: Sleeps.\nkind: python\nparameters: {type: object}\nlimits: {wall_seconds: 50}\n",
            to: "tools/divide/tool.yaml")
        let process = try folder.process(["tool", "test", "divide", "--args", #"{"a": 1, "b": 2}"#])
        var sandbox: [Int32] = []
        let result = try StoaBinary.run(process) {
            // The interpreter is the launcher's great-grandchild: when it is there, the sandbox stands or is about to.
            while process.isRunning, sandbox.count < 3 {
                sandbox = Self.descendants(of: process.processIdentifier)
                sched_yield()
            }
            kill(process.processIdentifier, SIGINT)
        }
        #expect(result.status == 130 && result.error.contains("interrupted"))
        #expect(sandbox.count >= 3)
        // The kernel ends them with the program, and whoever inherits them buries them: the suite's time limit is how long
        // that may take.
        for id in sandbox { while Self.isRunning(id) { sched_yield() } }
    }

    private static func isRunning(_ id: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            let state = status.split(separator: ")").last?.split(separator: " ").first
        else { return false }
        return state != "Z" && state != "X"
    }

    private static func descendants(of parent: Int32) -> [Int32] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(parent)/task")) ?? []
        let children = tasks.flatMap { task -> [Int32] in
            let text = (try? String(contentsOfFile: "/proc/\(parent)/task/\(task)/children", encoding: .utf8)) ?? ""
            return text.split(separator: " ").compactMap { Int32($0) }
        }
        return children + children.flatMap(descendants)
    }
}
