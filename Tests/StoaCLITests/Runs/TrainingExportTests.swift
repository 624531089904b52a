import Foundation
import StoaCore
import StoaTestKit
import Testing

/// Runs as data for training, through the built program and on real weights.
@Suite(.serialized, .timeLimit(.minutes(15)), .enabled(if: RealModels.areExpected)) struct TrainingExportTests {
    private let folder: RunFolder
    private let model: String
    private let run: String

    init() throws {
        folder = try RunFolder()
        folder.environment["STOA_CACHE"] = FileManager.default.temporaryDirectory.appending(path: "stoa-cli-tests").path
        try folder.playbook(
            "graded",
            """
            parameters: {question: {type: string}, reference: {type: string, default: ""}}
            agents:
              solver: {max_tokens: 16, temperature: 0.8}
              critic: {max_tokens: 8}
            steps:
              - {id: solve, say: solver, prompt: "{{ question }}"}
              - {id: opinion, say: critic, prompt: "Right? {{ solve.text }}"}
              - {id: graded, verify: numeric, text: "{{ solve.text }}", reference: "{{ reference }}"}
            output: "{{ solve.text }}"
            """)
        model = try RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf")
        let document = try folder.document(
            "run", "graded", "--question", "What is 2 + 3?", "-P", "reference=5", "--model", model, "--precision",
            "exact")
        run = try #require(document["run"]?.stringValue)
    }

    private func lines(_ arguments: String...) throws -> [JSONValue] {
        let result = try StoaBinary.run(folder.process(["log", "export", run] + arguments))
        #expect(result.status == 0, "\(result.error)")
        return try result.output.split(separator: "\n").map { try JSONParser.parse(String($0)) }
    }

    @Test func `log-probabilities of sampling are those of scoring the same tokens`() throws {
        let exported = try lines("--format", "trl")
        #expect(exported.map { $0["agent"] } == ["critic", "solver"])
        for line in exported {
            let prompt = try #require(line["prompt_ids"]?.arrayValue)
            let completion = try #require(line["completion_ids"]?.arrayValue)
            #expect(line["env_mask"]?.arrayValue == completion.map { _ in 1 })
            #expect(line["precision"] == "exact")
            let file = try folder.write(JSONValue.array([.array(prompt + completion)]).text, to: "tokens.json")
            let scored = try folder.document("score", "--model", model, "--tokens", file, "--precision", "exact")
            let expected = try #require(scored.arrayValue?.first?["logprobs"]?.arrayValue).dropFirst(prompt.count)
            let sampled = try #require(line["logprobs"]?.arrayValue)
            #expect(sampled.count == expected.count)
            for (own, other) in zip(sampled, expected) {
                let (own, other) = (try #require(own.doubleValue), try #require(other.doubleValue))
                #expect(abs(own - other) <= 1e-4)
            }
        }
        let rewards = exported.map { $0["reward"]?.doubleValue }
        #expect(rewards[0] == nil)
        #expect(rewards[1] == 0 || rewards[1] == 1)
    }

    @Test func `verl's lines have the right answer, and an agent can be chosen`() throws {
        let all = try lines("--format", "verl", "--data-source", "ours", "--split", "test")
        #expect(all.count == 2)
        #expect(all.allSatisfy { $0["data_source"] == "ours" && $0["reward_model"]?["ground_truth"] == "5" })
        #expect(all.map { $0["extra_info"]?["index"] } == [0, 1])
        #expect(try lines("--format", "verl", "--agent", "solver").map { $0["extra_info"]?["agent"] } == ["solver"])
        #expect(try lines("--format", "trl", "--agent", "nobody").isEmpty)
    }

    @Test func `a run whose right answer is not known gives verl nothing, and says so`() throws {
        let document = try folder.document("run", "graded", "--question", "Why?", "--model", model)
        let name = try #require(document["run"]?.stringValue)
        let result = try folder.stoa("log", "export", name, "--format", "verl")
        #expect(result.status == 0)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("left out 2 rollouts whose right answer is not known"))
        #expect(try folder.stoa("log", "export", name, "--format", "csv").status == 64)
    }
}
