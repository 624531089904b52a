import Foundation
import StoaCore
import Testing

/// `stoa run` and `stoa resume` through the built program, on playbooks that need no model.
@Suite(.timeLimit(.minutes(30))) struct RunCommandTests {
    private let folder: RunFolder

    init() throws { folder = try RunFolder.withoutModel() }

    @Test func `the result is the document of the contract, alone on standard output`() throws {
        let result = try folder.stoa("run", "sum", "-P", "x=4", "--json")
        #expect(result.status == 0)
        let document = try result.document()
        #expect(document["status"] == "completed" && document["answer"] == "9")
        #expect(document["run"]?.stringValue?.count == 12)
        #expect(try #require(document["seconds"]?.doubleValue) >= 0)
        #expect(document["seed"] == 0 && document["model"] == .null)
        let usage: JSONValue = ["prefill_tokens": 0, "latent_steps": 0, "decoded_tokens": 0, "tool_calls": 2]
        #expect(document["usage"] == usage)
        let agents = try #require(document["agents"]?.arrayValue)
        #expect(agents.map { $0["agent"] } == ["tools"] && agents[0]["tool_calls"] == 2)
    }

    @Test func `people get the answer on standard output, and the rest on standard error without escape codes`() throws
    {
        let result = try folder.stoa("run", "sum")
        #expect(result.status == 0 && result.output == "7\n")
        #expect(!result.error.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        for line in ["product: tools calls a tool", "run ", "stoa replay ", "stoa fork ", "TOKENS IN"] {
            #expect(result.error.contains(line), "\(line) is not in \(result.error)")
        }
        #expect(try folder.stoa("run", "sum", "--quiet").error.isEmpty)
        #expect(!(try folder.stoa("run", "sum", "--stream", "none").error.contains("calls a tool")))
    }

    @Test(arguments: [
        (["run", "sum", "-P", "x=abc"], "parameter 'x' must be a whole number, found \"abc\""),
        (["run", "sum", "-P", "y=1"], "playbook 'sum' has no parameter 'y'"),
        (["run", "sum", "-P", "x"], "-P: expected name=value, found \"x\""),
        (["run", "sum", "-P", "x=1", "-P", "x=2"], "-P: expected each parameter once, found \"x=2\""),
        (["run", "sum", "--question", "why"], "playbook 'sum' has no parameter 'question'"),
        (["run", "sun"], "there is no playbook 'sun'"),
        (["run", "sum", "--stream", "all"], "--stream"),
        (["replay", "zzz"], "run zzz: not in the journal"),
        (["resume", "latest"], "run latest: not in the journal"),
        (["fork", "latest"], "--at"),
    ])
    func `a wrong command line ends with 64 and is named`(_ arguments: [String], _ message: String) throws {
        let result = try StoaBinary.run(folder.process(arguments))
        #expect(result.status == 64 && result.output.isEmpty)
        #expect(result.error.contains(message), "\(result.error)")
    }

    @Test func `a missing parameter and a misspelt playbook come with what was meant`() throws {
        try folder.playbook("needy", "parameters: {q: {type: string, description: What to say.}}\nsteps: []\noutput: x")
        try folder.playbook(
            "needy",
            """
            parameters: {q: {type: string, description: What to say.}}
            steps:
              - {id: word, ask: "{{ q }}"}
            output: x
            """)
        #expect(
            try folder.stoa("run", "needy").error == """
                error: playbook 'needy' needs the parameter 'q': What to say.
                hint: give it with -P q=…

                """)
        #expect(try folder.stoa("run", "carefull").error.contains("hint: did you mean 'careful'?"))
    }

    @Test func `a broken playbook ends with 65 and names the line`() throws {
        let path = try folder.write("stoa: 1\nname: x\nstepps: []\n", to: "broken.yaml")
        let result = try folder.stoa("run", "broken.yaml", "--json")
        #expect(result.status == 65 && result.output.isEmpty)
        #expect(result.error.contains("\(path):3:1: "))
    }

    @Test func `a run that waits for approval ends with 5 and goes on when it is given`() throws {
        let parked = try folder.stoa("run", "careful", "--json")
        #expect(parked.status == 5)
        let document = try parked.document()
        #expect(document["status"] == "approval_required" && document["answer"] == .null)
        #expect(document["pending"]?["call"] == "product@tools#0.0" && document["pending"]?["approval"] == true)
        #expect(
            parked.error.contains("stoa resume \(document["run"]?.stringValue ?? "?") --approve 'product@tools#0.0'"))
        let wrong = try folder.stoa("resume", "latest", "--approve", "nothing")
        #expect(wrong.status == 64 && wrong.error.contains("waits for: product@tools#0.0"))
        let asking = try folder.stoa("resume", "latest", "--approve", "product", "--json")
        #expect(asking.status == 5)
        #expect(try asking.document()["pending"]?["question"] == "Which word?")
        let end = try folder.document("resume", "latest", "--answer", "word=yes, and no")
        #expect(end["answer"] == "ok yes, and no")
        // Of a run that has ended, the result is given again.
        let again = try folder.document("resume", "latest")
        for name in ["run", "status", "answer", "usage"] { #expect(again[name] == end[name]) }
    }

    @Test func `a refused call is told to the playbook`() throws {
        _ = try folder.stoa("run", "careful")
        _ = try folder.stoa("resume", "latest", "--deny", "product@tools#0.0")
        #expect(try folder.document("resume", "latest", "--answer", "word#0.0=w")["answer"] == "denied w")
    }

    @Test func `a budget that is used up before there is an answer ends with 4`() throws {
        try folder.playbook(
            "poor",
            """
            tools: {calculator: {kind: builtin, description: Computes., parameters: {type: object}}}
            budget: {tool_calls: 1}
            steps:
              - {id: one, call: calculator, arguments: {expression: "1"}}
              - {id: two, call: calculator, arguments: {expression: "2"}}
            output: "{{ two.value.result }}"
            """)
        let result = try folder.stoa("run", "poor", "--json")
        #expect(result.status == 4)
        let document = try result.document()
        #expect(document["status"] == "limit" && document["limit"]?["limit"] == "tool_calls")
        try folder.playbook(
            "thrifty",
            """
            tools: {calculator: {kind: builtin, description: Computes., parameters: {type: object}}}
            budget: {tool_calls: 1}
            steps:
              - {id: one, call: calculator, arguments: {expression: "1"}}
              - {id: two, call: calculator, arguments: {expression: "2"}}
            output: "{{ one.value.result }}"
            """)
        let answered = try folder.stoa("run", "thrifty", "--json")
        #expect(answered.status == 0)
        #expect(try answered.document()["answer"] == "1")
    }

    @Test func `streamed events are JSON Lines, and the last line is the result`() throws {
        let result = try folder.stoa("run", "sum", "--json", "--stream", "events")
        let lines = try result.output.split(separator: "\n").map { try JSONParser.parse(String($0)) }
        #expect(lines.last?["status"] == "completed" && lines.last?["type"] == "result")
        let events = lines.dropLast()
        #expect(events.map { $0["seq"]?.intValue } == Array(1...events.count))
        #expect(events.first?["kind"] == "run_started" && events.last?["kind"] == "run_finished")
        #expect(events.allSatisfy { $0["type"] == "event" && $0["key"]?.stringValue != nil })
    }

    @Test func `settings are taken from flag, environment, project and user, in this order`() throws {
        let config = folder.path + "/config"
        folder.environment["XDG_CONFIG_HOME"] = config
        func seed(_ arguments: [String] = [], _ environment: [String: String?] = [:]) throws -> JSONValue? {
            let process = try folder.process(["run", "sum", "--json", "--quiet"] + arguments, environment)
            return try StoaBinary.run(process).document()["seed"]
        }
        #expect(try seed() == 0)
        try folder.write("seed: 1\n", to: "config/stoa/config.yaml")
        #expect(try seed() == 1)
        try folder.write("# of the project\nseed: 2\n", to: "stoa.yaml")
        #expect(try seed() == 2)
        #expect(try seed([], ["STOA_SEED": "3"]) == 3)
        #expect(try seed(["--seed", "4"], ["STOA_SEED": "3"]) == 4)
        let below = try folder.process(["run", "sum", "--json", "--quiet"])
        try FileManager.default.createDirectory(
            atPath: folder.path + "/a/b", withIntermediateDirectories: true)
        below.currentDirectoryURL = URL(fileURLWithPath: folder.path + "/a/b")
        #expect(try StoaBinary.run(below).document()["seed"] == 2, "the project's file is looked for upwards")
    }

    @Test func `mistakes in files of settings are named with their line`() throws {
        let path = try folder.write("\nsed: 2\n", to: "stoa.yaml")
        let unknown = try folder.stoa("run", "sum")
        #expect(unknown.status == 65)
        #expect(unknown.error == "error: \(path):2:1: there is no setting 'sed'\nhint: did you mean 'seed'?\n")
        try folder.write("seed: many\n", to: "stoa.yaml")
        let wrong = try folder.stoa("run", "sum")
        #expect(wrong.status == 64 && wrong.error.contains("\(path):1:1: seed: expected"))
        try folder.write("seed: [1]\n", to: "stoa.yaml")
        #expect(try folder.stoa("run", "sum").error.contains("\(path):1:1: 'seed': expected a single value"))
    }
}
