import Foundation
import OrderedCollections
import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// What is written for other people's trainers.
///
/// The lines of `Tests/Interop/exports` are these rollouts; `make interop` has the trainers' own packages read them. They
/// are recorded with `RECORD_GOLDENS=1`, which CI refuses.
@Suite struct ExportTests {
    @Test(arguments: TrainingFormat.allCases) func `rollouts are written as recorded, byte for byte`(
        format: TrainingFormat
    ) throws {
        let lines = format.lines(of: try ExportSamples.rollouts(), TrainingFormat.Options(dataSource: "stoa/test"))
        let text = lines.lines.map { $0 + "\n" }.joined()
        let path = goldenPath("../Interop/exports/\(format.rawValue).jsonl")
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            #expect(ProcessInfo.processInfo.environment["CI"] == nil, "CI records nothing")
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            Issue.record("recorded \(path); run the tests again without RECORD_GOLDENS")
            return
        }
        #expect(try String(decoding: fileBytes(path), as: UTF8.self) == text)
    }

    @Test func `a line for TRL has all columns, and its arrays belong together`() throws {
        let rollouts = try ExportSamples.rollouts()
        let documents = rollouts.map(TRLRecord.document)
        for (rollout, document) in zip(rollouts, documents) {
            #expect(document.objectValue.map { Array($0.keys) } == TRLRecord.columns)
            let trajectory = rollout.trajectory
            guard let completion = document["completion_ids"]?.arrayValue else {
                #expect(trajectory.tokens.isEmpty)
                #expect(document["env_mask"] == .null && document["logprobs"] == .null)
                continue
            }
            let mask = (document["env_mask"]?.arrayValue ?? []).compactMap(\.intValue)
            let numbers = (document["logprobs"]?.arrayValue ?? []).compactMap(\.doubleValue)
            #expect(mask.count == completion.count)
            #expect(mask.reduce(0, +) == trajectory.modelTokenCount)
            #expect(mask.first == 1)
            #expect(
                (document["prompt_ids"]?.arrayValue ?? []) + completion
                    == trajectory.tokens.map { .integer(Int64($0.rawValue)) })
            guard !numbers.isEmpty else { continue }
            #expect(numbers.count == completion.count)
            #expect(zip(mask, numbers).filter { $0.0 == 1 }.map(\.1) == trajectory.behaviourLogProbabilities)
            #expect(zip(mask, numbers).allSatisfy { $0 == 1 || $1 == 0 })
        }
        #expect(documents.map { $0["weight"]?.doubleValue } == [1, 1, 1, 1, 0])
        #expect(documents.map { $0["turns"]?.intValue } == [3, 1, 1, 2, 1])
    }

    @Test func `a line for verl has the documented columns, and none without a right answer`() throws {
        let rollouts = try ExportSamples.rollouts()
        let lines = TrainingFormat.verl.lines(of: rollouts, from: 10)
        #expect(lines.withoutReference == 1)
        #expect(lines.lines.count == rollouts.count - 1)
        for (index, line) in lines.lines.enumerated() {
            let document = try JSONParser.parse(line)
            #expect(document.objectValue.map { Array($0.keys) } == VerlRecord.columns)
            #expect(document["extra_info"]?.objectValue.map { Array($0.keys) } == VerlRecord.extraColumns)
            #expect(document["extra_info"]?["index"] == .integer(Int64(10 + index)))
            #expect(document["data_source"]?.stringValue == "stoa/sample")
            #expect(document["reward_model"] == ["style": "rule", "ground_truth": "42"])
        }
        let options = TrainingFormat.Options(dataSource: "openai/gsm8k", ability: "arithmetic", split: "test")
        let told = try JSONParser.parse(try #require(TrainingFormat.verl.lines(of: rollouts, options).lines.first))
        #expect(told["data_source"] == "openai/gsm8k")
        #expect(told["ability"] == "arithmetic")
        #expect(told["extra_info"]?["split"] == "test")
    }

    @Test func `an agent is wanted with all its branches`() throws {
        let rollouts = try ExportSamples.rollouts()
        func count(_ agent: String?) -> Int {
            TrainingFormat.trl.lines(of: rollouts, TrainingFormat.Options(agent: agent)).lines.count
        }
        #expect(count(nil) == 5)
        #expect(count("solver") == 4)
        #expect(count("solver/1") == 1)
        #expect(count("critic") == 1)
        #expect(count("nobody") == 0)
    }
}
