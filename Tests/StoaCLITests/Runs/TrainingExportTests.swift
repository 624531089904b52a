import Foundation
import StoaCore
import StoaTestKit
import Testing

/// Runs as data for training, through the built program and on real weights.
@Suite(.serialized, .timeLimit(.minutes(30)), .enabled(if: RealModels.areExpected)) struct TrainingExportTests {
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

    @Test func `what a step trained on trains the same outside`() throws {
        try folder.playbook(
            "learning",
            """
            parameters: {question: {type: string}}
            agents: {solver: {system: Compute., max_tokens: 8, temperature: 0.8}}
            steps:
              - id: said
                for_each: range(4)
                as: which
                do: [{id: one, say: solver, prompt: "{{ question }}", sample: true}]
              - id: pairs
                let:
                  texts: "{{ [{'sample': said[0].sample}, {'prompt': question, 'completion': '5', 'weight': 0.5}] }}"
                  pairs: "{{ [{'chosen': {'sample': said[0].sample}, 'rejected': {'sample': said[1].sample}}] }}"
              - {id: taught, train: solver, on: pairs.texts, rank: 2, batch: 8, schedule: constant, warmup: 0}
              - {id: preferred, train: solver, on: pairs.pairs, loss: dpo, rank: 2, batch: 8}
            output: "{{ taught.first_loss }} {{ preferred.tokens }}"
            """)
        let document = try folder.document("run", "learning", "--question", "What is 2 + 3?", "--model", model)
        let name = try #require(document["run"]?.stringValue)
        let output = try #require(document["answer"]?.stringValue).split(separator: " ").map(String.init)
        func export(_ step: String) throws -> String {
            let result = try folder.stoa("log", "export", name, "--format", "trl", "--examples", step)
            #expect(result.status == 0, "\(result.error)")
            try folder.write(result.output, to: "\(step).jsonl")
            return "\(step).jsonl"
        }
        func trained(_ loss: String, _ step: String) throws -> JSONValue {
            let result = try folder.stoa(
                "train", loss, "--model", model, "--data", try export(step), "--out", step, "--rank", "2", "--batch",
                "8", "--json", "--quiet")
            #expect(result.status == 0, "\(result.error)")
            return try JSONParser.parse(String(try #require(result.output.split(separator: "\n").last)))
        }
        // A new adapter changes nothing, so the first loss is a matter of the examples alone.
        let taught = try trained("sft", "taught")
        let loss = try #require(output.first.flatMap(Double.init))
        #expect(abs(try #require(taught["first_loss"]?.doubleValue) - loss) < 1e-6 * loss)
        #expect(try trained("dpo", "preferred")["tokens"]?.intValue == output.last.flatMap { Int($0) })

        let other = try RealModels.path("gemma-3-270m-q4_k_m.gguf")
        let refused = try folder.stoa("train", "sft", "--model", other, "--data", "taught.jsonl", "--out", "x")
        #expect(refused.status == 65)
        #expect(refused.error.contains("taught.jsonl: expected token ids of"), "\(refused.error)")
        #expect(try folder.stoa("log", "export", name, "--format", "verl", "--examples", "taught").status == 64)
        let unknown = try folder.stoa("log", "export", name, "--format", "trl", "--examples", "learned")
        #expect(unknown.status == 65)
        #expect(unknown.error.contains("no training of the step 'learned' was finished"), "\(unknown.error)")
    }
}
