import Foundation
import StoaCLI
import StoaCore
import Testing

/// Runs with a model behind a server that says what a test wants it to.
@Suite(.timeLimit(.minutes(30))) struct ModelRunTests {
    private let folder: RunFolder

    init() throws {
        folder = try RunFolder()
        try folder.playbook(
            "pair",
            """
            parameters: {question: {type: string, default: Why?}}
            agents:
              planner: {max_tokens: 32, restarts: 0}
              critic: {max_tokens: 32, restarts: 0}
            steps:
              - id: both
                parallel:
                  - [{id: plan, say: planner, prompt: "{{ question }}"}]
                  - [{id: critique, say: critic, prompt: "{{ question }}"}]
            output: "{{ plan.text }}"
            """)
    }

    /// What a model can be talked into: clearing the screen, setting the title, moving the cursor.
    private static let hostile = ["\u{1B}[2J", "\u{1B}]0;owned\u{7}", "safe ", "\u{9B}31m", "\r", "日本語 ", "end"]

    @Test func `tokens are streamed per agent, and the result counts them`() throws {
        let server = try ScriptedServer(["one ", "two ", "three"])
        let result = try folder.stoa("run", "pair", "--model", server.reference, "--json", "--stream", "tokens")
        #expect(result.status == 0, "\(result.error)")
        let lines = try result.output.split(separator: "\n").map { try JSONParser.parse(String($0)) }
        for agent in ["planner", "critic"] {
            let own = lines.filter { $0["agent"]?.stringValue?.hasPrefix(agent) == true && $0["type"] == "token" }
            #expect(own.compactMap { $0["text"]?.stringValue }.joined() == "one two three")
        }
        let end = try #require(lines.last)
        #expect(end["answer"] == "one two three" && end["model"]?["name"]?.stringValue == server.reference)
        #expect(end["usage"]?["decoded_tokens"] == 6)
        #expect(end["agents"]?.arrayValue?.map { $0["agent"] } == ["planner", "critic"])
    }

    @Test func `control characters of a model reach a pipe as they are and a terminal never`() throws {
        let server = try ScriptedServer(Self.hostile)
        let piped = try folder.stoa("run", "pair", "--model", server.reference, "--stream", "tokens")
        #expect(piped.output == Self.hostile.joined() + "\n")
        #expect(!piped.error.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
        for columns in [20, 80] {
            let arguments = ["run", "pair", "--model", server.reference, "--color", "always"]
            let (status, bytes, screen) = try PseudoTerminal.run(folder.process(arguments), columns: columns)
            #expect(status == 0)
            #expect(screen.unknown == [], "every sequence is one of ours")
            #expect(!bytes.contains("\u{1B}[2J") && !bytes.contains("\u{1B}]0") && !bytes.contains("\u{9B}"))
            let text = screen.text.joined(separator: "\n")
            #expect(text.contains("␛[2J") && text.contains("✓ planner") && text.contains("✓ critic"))
            #expect(!text.contains("speaking") && !text.contains("─ "), "nothing is left of the live picture")
        }
    }

    @Test func `a terminal without escape sequences gets plain lines`() throws {
        let server = try ScriptedServer(["word"])
        let arguments = ["run", "pair", "--model", server.reference]
        let (_, bytes, _) = try PseudoTerminal.run(folder.process(arguments, ["TERM": "dumb"]), columns: 80)
        #expect(!bytes.contains("\u{1B}") && bytes.contains("plan: planner spoke 1 token"))
    }

    @Test func `a person at the terminal is asked`() throws {
        let careful = try RunFolder.withoutModel()
        try careful.playbook("asking", "steps:\n  - {id: word, ask: \"Which word?\"}\noutput: \"<{{ word.text }}>\"")
        let (status, _, screen) = try PseudoTerminal.run(
            careful.process(["run", "asking"]), columns: 60, typing: ("Which word?", "wört"))
        #expect(status == 0)
        #expect(screen.text.contains("<wört>"), "\(screen.text)")
    }

    @Test func `an interrupted run ends with 130, says how to go on, and goes on`() throws {
        let silent = try ScriptedServer(nil)
        let process = try folder.process(["run", "pair", "--model", silent.reference, "--json"])
        let result = try StoaBinary.run(process) {
            silent.awaitConnection()
            process.interrupt()
        }
        #expect(result.status == 130)
        let document = try result.document()
        #expect(document["status"] == "interrupted")
        let run = try #require(document["run"]?.stringValue)
        #expect(result.error.contains("stoa resume \(run)"))
        #expect(try folder.document("log", "list").arrayValue?.map { $0["status"] } == ["interrupted"])
        #expect(try folder.document("replay", run, "--mode", "strict")["identical"] == true)
    }

    @Test func `a server that cannot be reached ends with 7`() throws {
        // Port 1 of the loopback interface refuses at once; the pauses between attempts are what takes time.
        let result = try folder.stoa("run", "pair", "--model", "openai:x@http://127.0.0.1:1/v1", "--json")
        #expect(result.status == 7)
        #expect(try result.document()["status"] == "failed")
        #expect(result.error.contains("127.0.0.1:1 cannot be reached"))
    }

    @Test func `remote calls are skipped, never counted as identical, when a run is computed again`() throws {
        let server = try ScriptedServer(["word"])
        _ = try folder.document("run", "pair", "--model", server.reference)
        for (mode, skipped) in [("strict", 0), ("recompute", 2), ("tools", 0)] {
            let report = try folder.document("replay", "latest", "--mode", mode)
            #expect(report["identical"] == true && report["skipped"]?.intValue == skipped, "\(mode)")
        }
    }
}
