import OrderedCollections
import StoaCore
import StoaLearning
import Testing

/// What trainings learned from, as lines of a data set.
@Suite struct ExampleExportTests {
    private static let question = [ChatMessage(.system, "Compute."), ChatMessage(.user, "2 + 2?")]
    private static let right = EffectKey(node: "said", indices: [1, 0], agent: AgentID("solver"))
    private static let wrong = EffectKey(node: "said", indices: [1, 1], agent: AgentID("solver"))

    private func call(_ key: EffectKey, _ text: String, _ tokens: [TokenID], prompt: [TokenID] = [1, 2, 3])
        -> RecordedEffect
    {
        let request = ModelRequest(messages: Self.question, seed: SeedPath(seed: 1), author: "solver")
        let reply = ModelReply(text: text, finish: .stop, promptTokens: prompt, tokens: tokens)
        return RecordedEffect(key: key, call: .model("default", request, reply))
    }

    private func transcript(prompt: [TokenID] = [1, 2, 3]) throws -> RunTranscript {
        let adapter = try #require(AdapterReference(String(repeating: "ab", count: 32)))
        func training(_ node: String, _ round: Int, _ sources: [TrainingSource]) -> RecordedTraining {
            RecordedTraining(
                key: EffectKey(node: node, indices: [round], agent: AgentID("solver")), model: "default",
                sources: sources,
                adapter: adapter)
        }
        return RunTranscript(
            run: RunID("run-1"),
            models: ["default": ModelIdentity(name: "tiny", provider: .engine, fingerprint: "sha256:01")],
            effects: [call(Self.right, "4", [7, 9]), call(Self.wrong, "5", [8, 9], prompt: prompt)],
            trainings: [
                training("preferred", 0, [TrainingSource(chosen: .sample(Self.right), rejected: .sample(Self.wrong))]),
                training(
                    "preferred", 1,
                    [
                        TrainingSource(
                            chosen: .words(Self.question, completion: "2 + 2"), rejected: .sample(Self.wrong),
                            weight: 0.5)
                    ]),
                training("taught", 0, [TrainingSource(chosen: .words(Self.question, completion: "2 + 2"))]),
                training("taught", 1, [TrainingSource(chosen: .sample(Self.right), weight: 2)]),
            ])
    }

    @Test func `an example has the ids that the model read and wrote, and its words`() throws {
        let lines = try TRLExample.documents(of: transcript(), step: "taught")
        #expect(lines.count == 2)
        #expect(lines[0]["completion_ids"] == .null && lines[0]["prompt_ids"] == .null)
        #expect(lines[0]["completion"] == [["role": "assistant", "content": "2 + 2"]])
        #expect(lines[0]["prompt"]?.arrayValue?.count == 2)
        #expect(lines[1]["prompt_ids"] == [1, 2, 3])
        #expect(lines[1]["completion_ids"] == [7, 9])
        #expect(lines[1]["completion"] == [["role": "assistant", "content": "4"]])
        #expect(lines.map { $0["weight"]?.doubleValue } == [1, 2])
        #expect(lines.map { $0["id"] } == ["run-1/taught[0]/0", "run-1/taught[1]/0"])
        #expect(lines.allSatisfy { $0["fingerprint"] == "sha256:01" && $0["model"] == "tiny" })
        #expect(
            lines.allSatisfy {
                $0.objectValue.map { Array($0.keys) } == [
                    "prompt", "completion", "prompt_ids", "completion_ids", "weight", "id", "run", "step", "model",
                    "fingerprint",
                ]
            })
    }

    @Test func `one execution of a step can be asked for, and pairs keep both sides`() throws {
        let first = try TRLExample.documents(of: transcript(), step: "preferred[0]")
        #expect(first.map { $0["chosen_ids"] } == [[7, 9]] && first.map { $0["rejected_ids"] } == [[8, 9]])
        let second = try TRLExample.documents(of: transcript(), step: "preferred[1]")
        #expect(second.map { $0["chosen_ids"] } == [.null] && second.map { $0["rejected_ids"] } == [[8, 9]])
        #expect(second.map { $0["prompt_ids"] } == [[1, 2, 3]])
        #expect(try TRLExample.documents(of: transcript(), step: "preferred").count == 2)
    }

    @Test func `what cannot be written is said`() throws {
        func message(_ transcript: RunTranscript, _ step: String) -> String? {
            #expect(throws: LearningError.self) { try TRLExample.documents(of: transcript, step: step) }
                .map { "\($0.message); \($0.hint ?? "")" }
        }
        #expect(
            message(try transcript(), "learned")
                == "run run-1: no training of the step 'learned' was finished; it has preferred[0], preferred[1], "
                + "taught[0], taught[1]")
        #expect(message(RunTranscript(run: RunID("run-2")), "taught")?.hasSuffix("it trained nothing") == true)
        #expect(message(try transcript(prompt: [4]), "preferred[0]")?.contains("different prompts") == true)
        var damaged = try transcript()
        damaged.effects = []
        #expect(message(damaged, "taught[1]")?.contains("lacks the call said[1,0]@solver#0.0") == true)
    }
}
