import Foundation
import StoaCore
import StoaTestKit
import Testing

/// Real processes on real weights that are killed without warning, at times drawn by chance.
@Suite(.serialized, .timeLimit(.minutes(30)), .enabled(if: RealModels.areExpected)) struct KilledRunTests {
    private let folder: RunFolder
    private let model: String

    init() throws {
        folder = try RunFolder()
        model = try RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf")
        folder.environment["STOA_CACHE"] = FileManager.default.temporaryDirectory.appending(path: "stoa-cli-tests").path
        try folder.playbook(
            "team",
            """
            parameters: {question: {type: string}}
            agents:
              planner: {max_tokens: 16, temperature: 0.8}
              worker: {max_tokens: 24, temperature: 0.8, memory: conversation}
              judge: {max_tokens: 16, temperature: 0.8}
            steps:
              - {id: idea, think: planner, prompt: "{{ question }}", latent_steps: 8}
              - {id: plan, say: planner, prompt: "{{ question }}", after: [idea]}
              - id: parts
                for_each: range(3)
                as: part
                parallel: true
                do:
                  - id: rounds
                    repeat: [{id: work, say: worker, prompt: "{{ part }} {{ round }} {{ plan.text }}"}]
                    max: 2
                  - {id: done, say: worker, prompt: "{{ work.text }}"}
              - {id: best, choose: majority, from: parts}
              - {id: end, say: judge, prompt: "{{ best.text }}"}
            output: "{{ end.text }}"
            """)
    }

    private func arguments(_ seed: Int) -> [String] {
        ["run", "team", "--question", "Name a colour.", "--model", model, "--seed", "\(seed)", "--json", "--quiet"]
    }

    @Test func `killed at twenty moments, a run comes to the same end and repeats nothing`() throws {
        let clock = ContinuousClock()
        let start = clock.now
        let whole = try StoaBinary.run(folder.process(arguments(5))).document()
        let duration = clock.now - start
        let reference = try #require(whole["run"]?.stringValue)
        let answer = try #require(whole["answer"])
        let random = RandomStream(seed: 20).child("kills")
        var killed = 0
        for moment in 0..<20 {
            let process = try folder.process(arguments(5))
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            // Never before the model can be loaded, mostly before the end.
            let delay = duration * (0.15 + 0.85 * random.uniform(at: UInt64(moment)))
            try process.run()
            usleepUntil(clock.now.advanced(by: delay), clock)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let runs = try #require(try folder.document("log", "list").arrayValue)
            guard let run = runs.first, let name = run["run"]?.stringValue, name != reference else { continue }
            if run["status"] == "completed" { continue }
            killed += 1
            let before = try completed(name)
            let resumed = try folder.stoa("resume", name, "--model", model, "--json", "--quiet")
            #expect(resumed.status == 0, "\(resumed.error)")
            #expect(try resumed.document()["answer"] == answer)
            #expect(try folder.stoa("diff", reference, name).status == 0, "the logical record is another")
            #expect(try completed(name).isSuperset(of: before))
            #expect(try folder.document("log", "verify", name)["chain_intact"] == true)
            #expect(try folder.document("replay", name, "--mode", "strict")["identical"] == true)
        }
        #expect(killed >= 8, "only \(killed) of 20 were caught on the way")
    }

    /// The events of effects that ended, with the digests of their links: what was done once is not done again.
    private func completed(_ run: String) throws -> Set<String> {
        Set(
            try folder.stoa("log", "export", run).output.split(separator: "\n")
                .filter { $0.contains("effect_completed") && $0.contains("\"event\"") }.map(String.init))
    }

    private func usleepUntil(_ deadline: ContinuousClock.Instant, _ clock: ContinuousClock) {
        // The moment of a kill is chance by design: nothing is expected to have happened by then.
        let semaphore = DispatchSemaphore(value: 0)
        _ = semaphore.wait(timeout: .now() + (deadline - clock.now) / .seconds(1))
    }
}
