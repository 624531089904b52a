import Foundation
import StoaCore
import StoaTestKit
import Testing

/// The shipped co-evolution on real weights, a few problems a round.
@Suite(.serialized, .timeLimit(.minutes(30)), .enabled(if: RealModels.areExpected)) struct EvolveCommandTests {
    private let folder: RunFolder
    private let model: String
    private let playbook: String

    init() throws {
        folder = try RunFolder()
        model = try RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf")
        folder.environment["STOA_CACHE"] = FileManager.default.temporaryDirectory.appending(path: "stoa-cli-tests").path
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        playbook = url.path + "/playbooks/socratic-zero"
        try folder.write(
            """
            {"id": "a", "question": "Ann has 3 apples and gets 4 more. How many has she?", "answer": "7"}
            {"id": "b", "question": "Ben had 9 nuts and ate 2. How many are left?", "answer": "7"}
            """, to: "seeds.jsonl")
        try folder.write(
            """
            {"id": "c", "question": "A bus has 12 seats. 5 are taken. How many are free?", "answer": "7"}
            {"id": "d", "question": "Each of 4 nests holds 3 eggs. How many eggs are there?", "answer": "12"}
            """, to: "heldout.jsonl")
    }

    private func arguments(rounds: Int, _ more: String...) -> [String] {
        [
            "evolve", playbook, "--model", model, "--rounds", "\(rounds)", "-P", "seeds=seeds.jsonl", "-P",
            "heldout=heldout.jsonl", "-P", "problems=4", "-P", "attempts=2", "-P", "rank=4", "--seed", "3", "--json",
            "--quiet",
        ] + more
    }

    /// A solver that knows the seeds by heart has problems that a teacher can go on from.
    private func adapterThatKnowsTheSeeds() throws -> String {
        let system = #"{"role": "system", "content": "Write the calculation that answers the question."}"#
        let known = [
            ("Ann has 3 apples and gets 4 more. How many has she?", "3 + 4"),
            ("Ben had 9 nuts and ate 2. How many are left?", "9 - 2"),
        ].map { question, calculation in
            #"{"messages": [\#(system), {"role": "user", "content": "\#(question)"}, "#
                + #"{"role": "assistant", "content": "\#(calculation)"}]}"#
        }
        try folder.write(known.joined(separator: "\n"), to: "known.jsonl")
        let trained = try StoaBinary.run(
            folder.process([
                "train", "sft", "--model", model, "--data", "known.jsonl", "--out", "known", "--rank", "8", "--epochs",
                "20", "--batch", "2", "--learning-rate", "0.002", "--json", "--quiet",
            ]))
        #expect(trained.status == 0, "\(trained.error)")
        return try #require(try lines(trained.output).last?["adapter"]?.stringValue)
    }

    private func lines(_ output: String) throws -> [JSONValue] {
        try output.split(separator: "\n").map { try JSONParser.parse(String($0)) }
    }

    @Test func `each round is a line of the contract, and the last line sums up`() throws {
        let words = arguments(rounds: 2, "-P", "update=both", "-P", "curriculum=mixed", "--report", "out")
        let result = try StoaBinary.run(folder.process(words))
        #expect(result.status == 0, "\(result.error)")
        let lines = try lines(result.output)
        try #require(lines.count == 3)
        for (index, line) in lines.prefix(2).enumerated() {
            #expect(line["round"]?.intValue == index + 1)
            let zones = try #require(line["zones"])
            let sum = ["mastered", "learning", "too_hard"].compactMap { zones[$0]?.intValue }.reduce(0, +)
            #expect(sum == line["problems"]?.intValue && sum > 0)
            #expect(line["pairs"]?.intValue != nil && line["heldout_accuracy"]?.doubleValue != nil)
            #expect(line["ci95"]?.arrayValue?.count == 2)
            let adapter = try #require(line["adapter"]?.stringValue)
            #expect(FileManager.default.fileExists(atPath: "\(folder.home)/adapters/\(adapter)/adapter_config.json"))
        }
        #expect(lines[0]["adapter"] != lines[1]["adapter"])
        #expect(lines[2]["status"] == "completed" && lines[2]["rounds"] == 2)
        #expect(lines[2]["adapter"] == lines[1]["adapter"] && lines[2]["before"]?["ci95"] != nil)
        let page = try String(contentsOfFile: "\(folder.path)/out/index.html", encoding: .utf8)
        #expect(page.contains("Held out") && !page.contains("http://") && !page.contains("<script"))
        let run = try #require(lines[2]["run"]?.stringValue)
        #expect(try folder.document("replay", run, "--mode", "strict")["identical"] == true)
    }

    @Test func `killed again and again, it goes on in the middle of a round and ends with the same adapter`() throws {
        let clock = ContinuousClock()
        let start = clock.now
        let whole = try lines(StoaBinary.run(folder.process(arguments(rounds: 2))).output)
        let duration = clock.now - start
        let adapters = whole.compactMap { $0["adapter"]?.stringValue }
        try #require(adapters.count == 3)
        let random = RandomStream(seed: 7).child("kills")
        var words = arguments(rounds: 2)
        var kills = 0
        for moment in 0..<12 {
            let process = try folder.process(words)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            // The moment of a kill is chance by design: nothing is expected to have happened by then.
            let delay = duration * (0.1 + 0.4 * random.uniform(at: UInt64(moment)))
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + delay / .seconds(1))
            if process.isRunning { kills += 1 }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let runs = try #require(try folder.document("log", "list").arrayValue)
            guard runs.count > 1, let name = runs.first?["run"]?.stringValue else { continue }
            words = ["evolve", "--resume", name, "--model", model, "--json", "--quiet"]
        }
        #expect(kills >= 3, "only \(kills) kills")
        let result = try StoaBinary.run(folder.process(words))
        #expect(result.status == 0, "\(result.error)")
        let resumed = try lines(result.output)
        #expect(resumed.compactMap { $0["adapter"]?.stringValue } == adapters)
        #expect(resumed.last?["heldout_accuracy"] == whole.last?["heldout_accuracy"])
        let names = try #require(try folder.document("log", "list").arrayValue).compactMap { $0["run"]?.stringValue }
        #expect(names.count == 2)
        #expect(try folder.stoa("diff", names[0], names[1]).status == 0, "the logical record is another")
    }

    @Test func `a model can be the teacher, of a solver that begins with an adapter`() throws {
        let adapter = try adapterThatKnowsTheSeeds()
        let result = try StoaBinary.run(
            folder.process(arguments(rounds: 2, "-P", "teacher=model", "-P", "adapter=\(adapter)")))
        #expect(result.status == 0, "\(result.error)")
        let lines = try lines(result.output)
        try #require(lines.count == 3)
        #expect(lines[0]["zones"]?["too_hard"]?.intValue != lines[0]["problems"]?.intValue)
        #expect(lines[0]["enhanced"] == 0)
        let enhanced = try #require(lines[1]["enhanced"]?.intValue)
        let agreed = try #require(lines[1]["agreed"]?.intValue)
        #expect(enhanced > 0 && 0...enhanced ~= agreed)
        let run = try #require(lines[2]["run"]?.stringValue)
        #expect(try folder.document("replay", run, "--mode", "strict")["identical"] == true)
    }

    /// S9: a server may say anything; what is no JSON is sent back once, and what is none again is no problem.
    @Test func `a teacher that writes no JSON is told once, and what it writes then counts for nothing`() throws {
        let server = try ScriptedServer { request in
            if request.contains("You solve word problems") { return ["9 - 4"] }
            // Ben's problem gets its JSON when it is asked for again, Ann's never.
            let isAskedAgain = request.contains("no problem, really")
            guard request.contains("Ben had"), isAskedAgain else { return ["no problem, ", "really"] }
            return [#"{"question": "Eva had 9 pears and gave away 4. How many are left?", "calculation": "9 - 4"}"#]
        }
        // A project of its own with what ships, but for who the teacher is.
        let shipped = URL(fileURLWithPath: playbook)
        let own = URL(fileURLWithPath: folder.path + "/playbooks/own")
        try FileManager.default.createDirectory(atPath: folder.path + "/playbooks", withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: shipped, to: own)
        let repository = shipped.deletingLastPathComponent().deletingLastPathComponent()
        for name in ["agents", "tools"] {
            try FileManager.default.copyItem(
                at: repository.appending(path: name), to: URL(fileURLWithPath: folder.path + "/" + name))
        }
        var text = try String(contentsOf: own.appending(path: "playbook.yaml"), encoding: .utf8)
        for agent in ["enhancer", "checker"] {
            let line = "\(agent): {use: \(agent)"
            try #require(text.contains(line + "}"))
            text = text.replacing(line + "}", with: line + ", model: teacher}")
        }
        text = text.replacing("\nagents:\n", with: "\nmodels: {teacher: \"\(server.reference)\"}\nagents:\n")
        try text.write(to: own.appending(path: "playbook.yaml"), atomically: true, encoding: .utf8)
        var words = arguments(
            rounds: 2, "-P", "teacher=model", "-P", "adapter=\(try adapterThatKnowsTheSeeds())")
        words[1] = own.path
        let result = try StoaBinary.run(folder.process(words))
        #expect(result.status == 0, "\(result.error)")
        let lines = try lines(result.output)
        try #require(lines.count == 3)
        #expect(lines[1]["enhanced"] == 2 && lines[1]["agreed"] == 1)
        let enhancer = server.requests.filter { $0.contains("You write word problems") }
        #expect(enhancer.count { $0.contains("Ann has") } == 2 && enhancer.count { $0.contains("Ben had") } == 2)
        let run = try #require(lines[2]["run"]?.stringValue)
        let calls = try folder.stoa("log", "export", run, "--format", "jsonl").output
        #expect(calls.contains(#""unparsed""#), "the record says what was not understood")
    }

    @Test func `a playbook without rounds is refused before anything is done`() throws {
        try folder.playbook("plain", "steps: [{id: a, let: {x: 1}}]\noutput: \"{{ a.x }}\"")
        let result = try folder.stoa("evolve", "plain", "--model", model)
        #expect(result.status == 65 && result.error.contains("expected a step report inside 'repeat', found none"))
        #expect(try folder.stoa("evolve").status == 64)
        #expect(try folder.stoa("evolve", "plain", "--resume", "x").status == 64)
    }
}
