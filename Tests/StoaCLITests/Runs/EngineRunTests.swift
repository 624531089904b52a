import Foundation
import StoaCore
import StoaTestKit
import Testing

/// Runs on real weights, through the built program.
@Suite(.serialized, .timeLimit(.minutes(30)), .enabled(if: RealModels.areExpected)) struct EngineRunTests {
    private let folder: RunFolder

    init() throws {
        folder = try RunFolder()
        folder.environment["STOA_CACHE"] = FileManager.default.temporaryDirectory.appending(path: "stoa-cli-tests").path
        try folder.playbook(
            "pair",
            """
            parameters: {question: {type: string}}
            agents:
              planner: {max_tokens: 12, temperature: 0.8}
              critic: {max_tokens: 12, temperature: 0.8}
            steps:
              - id: both
                parallel:
                  - [{id: plan, say: planner, prompt: "{{ question }}"}]
                  - [{id: other, say: critic, prompt: "{{ question }}"}]
              - {id: end, say: critic, prompt: "{{ plan.text }} {{ other.text }}"}
            output: "{{ end.text }}"
            """)
    }

    @Test func `a run is the same for the same seed, and computed again bit for bit in another journal too`() throws {
        let model = try RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf")
        let runs = try ["3", "3", "4"].map { seed in
            try folder.document("run", "pair", "--question", "Name a colour.", "--model", model, "--seed", seed)
        }
        #expect(runs[0]["answer"] == runs[1]["answer"] && runs[0]["answer"] != runs[2]["answer"])
        #expect(runs[0]["model"]?["fingerprint"]?.stringValue?.count == 64)
        let name = try #require(runs[0]["run"]?.stringValue)
        for mode in ["strict", "recompute"] {
            let report = try folder.document("replay", name, "--mode", mode)
            #expect(report["identical"] == true && report["skipped"] == 0)
        }
        let file = try folder.write(try folder.stoa("log", "export", name).output, to: "run.jsonl")
        let other = folder.path + "/other.sqlite"
        _ = try folder.document("log", "import", file, "--journal", other)
        #expect(try folder.document("replay", name, "--mode", "recompute", "--journal", other)["identical"] == true)
        #expect(try folder.stoa("diff", name, try #require(runs[1]["run"]?.stringValue)).status == 0)
    }
}
