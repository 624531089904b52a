import Foundation
import StoaCLI
import StoaCore
import StoaRuntime
import Testing

/// What users get wrong and what machines do wrong, through the built program.
@Suite(.timeLimit(.minutes(30))) struct MishapTests {
    private let folder: RunFolder

    init() throws { folder = try RunFolder.withoutModel() }

    @Test func `a journal without a name is refused, since it would be gone with the process`() throws {
        for command in [["run", "sum"], ["log", "list"], ["resume", "latest"]] {
            let result = try StoaBinary.run(folder.process(command + ["--journal", ""]))
            #expect(result.status == 64 && result.output.isEmpty)
            #expect(result.error.contains("--journal: expected the name of a file"))
        }
    }

    @Test func `a folder in the place of a journal is named as one`() throws {
        for command in [["run", "sum"], ["log", "list"], ["log", "gc"]] {
            let result = try StoaBinary.run(folder.process(command + ["--journal", folder.path]))
            #expect(
                result.status == 65
                    && result.error == "error: \(folder.path): expected a journal's file, found a folder\n")
        }
    }

    @Test func `a journal of no bytes is an empty one, for readers and for writers`() throws {
        let path = try folder.write("", to: "empty.sqlite")
        #expect(try folder.document("log", "list", "--journal", path) == [])
        #expect(try folder.stoa("replay", "latest", "--journal", path).status == 64)
        #expect(try folder.stoa("run", "sum", "--journal", path).status == 0)
        #expect(try folder.document("log", "list", "--journal", path).arrayValue?.count == 1)
    }

    @Test func `a disk that is full at any point loses nothing, and the run goes on from there`() throws {
        // A call that may be repeated, so that it does not matter whether the disk filled up before or after it.
        try folder.playbook(
            "steady",
            """
            tools:
              calculator: {kind: builtin, description: Computes., parameters: {type: object}, idempotent: true}
            steps:
              - {id: one, call: calculator, arguments: {expression: "2 * 3"}}
              - {id: two, call: calculator, arguments: {expression: "{{ one.value.number }} + 1"}}
            output: "{{ two.value.result }}"
            """)
        var interrupted = 0
        for kibibytes in stride(from: 8, through: 200, by: 12) {
            let journal = folder.path + "/full-\(kibibytes).sqlite"
            let process = try folder.process([])
            let program = try #require(process.executableURL)
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = [
                "-c", "trap '' XFSZ; ulimit -f \(kibibytes * 2); exec \"$@\"", "sh", program.path, "run", "steady",
                "--journal", journal,
            ]
            let result = try StoaBinary.run(process)
            #expect(result.status == 0 || result.status == 1, "\(kibibytes): \(result.error)")
            let runs = try #require(folder.document("log", "list", "--journal", journal).arrayValue)
            #expect(runs.count <= 1)
            guard let run = runs.first?["run"]?.stringValue else { continue }
            #expect(try folder.document("log", "verify", run, "--journal", journal)["chain_intact"] == true)
            guard result.status == 1 else { continue }
            #expect(result.output.isEmpty && result.error.contains("error: \(journal): "), "\(result.error)")
            guard result.error.contains("\nresume  stoa resume \(run)\n") else { continue }
            interrupted += 1
            #expect(try folder.document("resume", run, "--journal", journal)["answer"] == "7")
            #expect(try folder.document("replay", run, "--mode", "strict", "--journal", journal)["identical"] == true)
        }
        #expect(interrupted > 0, "at none of the sizes did the disk fill up in the middle of a run")
    }

    @Test(arguments: [
        (["rnu", "sum"], "did you mean 'run'?"), (["log", "lst"], "did you mean 'list'?"),
        (["playbook", "validat", "sum"], "did you mean 'validate'?"),
    ])
    func `a misspelt command comes with what was meant`(_ arguments: [String], _ hint: String) throws {
        let result = try StoaBinary.run(folder.process(arguments))
        #expect(result.status == 64 && result.output.isEmpty)
        #expect(result.error.hasSuffix("\nhint: \(hint)\n"), "\(result.error)")
    }

    @Test func `quiet and colour can be settings too, and a flag is stronger`() throws {
        #expect(try folder.stoa("run", "sum", environment: ["STOA_QUIET": "1"]).error.isEmpty)
        #expect(try !folder.stoa("run", "sum", environment: ["STOA_QUIET": "0"]).error.isEmpty)
        let wrong = try folder.stoa("run", "sum", environment: ["STOA_QUIET": "perhaps"])
        #expect(wrong.status == 64 && wrong.error.contains("STOA_QUIET: expected one of true, false"))
        let seed = try folder.stoa("run", "sum", environment: ["STOA_SEED": "-1"])
        #expect(seed.status == 64 && seed.error.contains("STOA_SEED: expected a whole number, 0 or more, found \"-1\""))
        try folder.write("quiet: true\ncolor: always\n", to: "stoa.yaml")
        #expect(try folder.stoa("run", "sum").error.isEmpty)
        #expect(try folder.stoa("log", "list").output.contains("\u{1B}["))
        #expect(try !folder.stoa("log", "list", "--color", "never").output.contains("\u{1B}["))
    }

    @Test func `a run that ends without an answer says why, however quiet it is to be`() throws {
        try folder.playbook(
            "poor",
            """
            tools: {calculator: {kind: builtin, description: Computes., parameters: {type: object}}}
            budget: {tool_calls: 0}
            steps:
              - {id: one, call: calculator, arguments: {expression: "1"}}
            output: "{{ one.value.result }}"
            """)
        let result = try folder.stoa("run", "poor", "--quiet")
        #expect(result.status == 4 && result.output.isEmpty)
        #expect(result.error.contains("run: tool_calls is used up"))
    }

    @Test func `a byte order mark before a playbook is no part of it`() throws {
        try folder.write(
            "\u{FEFF}stoa: 1\nname: marked\nsteps: [{id: word, ask: \"Which?\"}]\noutput: x\n", to: "marked.yaml")
        #expect(try folder.document("playbook", "validate", "marked.yaml")["valid"] == true)
        let path = try folder.write("\u{FEFF}stoa: 1\nname: marked\nstepps: []\n", to: "broken.yaml")
        #expect(try folder.stoa("playbook", "validate", "broken.yaml").output.contains("\(path):3:1: "))
    }

    @Test func `a path without a playbook comes with what a path can be`() throws {
        let result = try folder.stoa("run", folder.path)
        #expect(result.status == 64)
        #expect(result.error.contains("there is no playbook at \(folder.path)\nhint: name a YAML file, a folder"))
    }

    @Test func `the picture names the step of a decision once`() {
        var view = LiveView()
        let work = EffectKey(node: "best")
        view.apply(RunUpdate(run: RunID("r"), effect: work, change: .decided("best: majority takes 1 of 3")), at: .zero)
        #expect(view.takeFinished(width: 80).map(\.plain) == ["◆ best  majority takes 1 of 3"])
    }
}
