import StoaCore
import StoaTestKit
import Testing

@testable import StoaTraining

/// Files of examples, in TRL's formats.
@Suite struct TrainingFileTests {
    private func read(_ text: String, pairs: Bool = false) throws -> [TrainingExample] {
        try TrainingFile(Array(text.utf8), path: "data.jsonl", comparesSides: pairs).examples
    }

    private func problem(_ text: String, pairs: Bool = false) -> String? {
        #expect(throws: TrainingError.self) { try read(text, pairs: pairs) }?.message
    }

    private static let question = ChatMessage(.user, "2 + 2?")

    @Test(arguments: [
        #"{"prompt": "2 + 2?", "completion": "4"}"#,
        #"{"prompt": [{"role": "user", "content": "2 + 2?"}], "completion": "4"}"#,
        #"{"prompt": "2 + 2?", "completion": [{"role": "assistant", "content": "4"}], "id": 7}"#,
        #"{"messages": [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"}]}"#,
        #"{"prompt": "2 + 2?", "chosen": "4", "rejected": "5"}"#,
    ])
    func `however an example is written, it is the same`(_ line: String) throws {
        let expected = TrainingExample(chosen: .words(messages: [Self.question], completion: "4"))
        #expect(try read("\u{FEFF}\n  \n\(line)\r\n\n") == [expected])
    }

    @Test func `preferences have two sides behind one conversation`() throws {
        let system = ChatMessage(.system, "Compute.")
        let lines = [
            #"{"prompt": "2 + 2?", "chosen": "4", "rejected": "5", "weight": 0.5}"#,
            #"{"chosen": [{"role": "system", "content": "Compute."}, {"role": "user", "content": "2 + 2?"}, "#
                + #"{"role": "assistant", "content": "4"}], "rejected": [{"role": "system", "content": "Compute."}, "#
                + #"{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "22"}]}"#,
        ]
        let found = try read(lines.joined(separator: "\n"), pairs: true)
        func words(_ messages: [ChatMessage], _ text: String) -> TrainingText {
            .words(messages: messages, completion: text)
        }
        #expect(
            found == [
                TrainingExample(
                    chosen: words([Self.question], "4"), rejected: words([Self.question], "5"), weight: 0.5),
                TrainingExample(
                    chosen: words([system, Self.question], "4"), rejected: words([system, Self.question], "22")),
            ])
    }

    @Test func `ids are learned where a line has them, words elsewhere`() throws {
        let lines = [
            #"{"prompt": "2 + 2?", "completion": "4", "prompt_ids": [1, 2], "completion_ids": [3], "fingerprint": "f"}"#,
            #"{"prompt": "2 + 2?", "completion": "4", "prompt_ids": null, "completion_ids": null, "fingerprint": "g"}"#,
        ]
        let file = try TrainingFile(
            Array(lines.joined(separator: "\n").utf8), path: "data.jsonl", comparesSides: false)
        #expect(
            file.examples == [
                TrainingExample(chosen: .tokens(prompt: [1, 2], completion: [3])),
                TrainingExample(chosen: .words(messages: [Self.question], completion: "4")),
            ])
        #expect(file.fingerprints == ["f"])

        let pair =
            #"{"prompt": "2 + 2?", "chosen": "4", "rejected": "5", "prompt_ids": [1], "#
            + #""chosen_ids": null, "rejected_ids": [6, 2], "fingerprint": "f"}"#
        #expect(
            try read(pair, pairs: true) == [
                TrainingExample(
                    chosen: .words(messages: [Self.question], completion: "4"),
                    rejected: .tokens(prompt: [1], completion: [6, 2]))
            ])
    }

    @Test func `ids that cannot be learned are refused`() {
        func line(_ members: String) -> String { #"{"prompt": "a", "completion": "b", \#(members)}"# }
        #expect(
            problem(line(#""prompt_ids": [1], "completion_ids": [2]"#))
                == "data.jsonl:1: expected the \"fingerprint\" of the model whose tokens these are, found none")
        #expect(
            problem(line(#""completion_ids": [2], "fingerprint": "f""#))
                == "data.jsonl:1: \"completion_ids\" without \"prompt_ids\"")
        #expect(
            problem(line(#""prompt_ids": [1], "completion_ids": [-2], "fingerprint": "f""#))
                == "data.jsonl:1: \"completion_ids\": expected token ids, found -2")
        #expect(
            problem(line(#""prompt_ids": [1], "completion_ids": [2, 3], "env_mask": [1, 0], "fingerprint": "f""#))
                == "data.jsonl:1: what tools said stands among \"completion_ids\"")
    }

    @Test func `what is wrong is said with its line`() {
        let good = #"{"prompt": "a", "completion": "b"}"# + "\n"
        #expect(problem("") == "data.jsonl: expected at least one example, found none")
        #expect(problem(good + "{\"prompt\": }")?.hasPrefix("data.jsonl:2:12: ") == true)
        #expect(problem(good + "3") == "data.jsonl:2: expected an object, found a number")
        #expect(
            problem("{}") == "data.jsonl:1: expected \"messages\", or \"prompt\" and \"completion\", found no members")
        #expect(problem(#"{"completion": "b"}"#) == "data.jsonl:1: \"prompt\" is missing")
        #expect(
            problem(#"{"prompt": 1, "completion": "b"}"#)
                == "data.jsonl:1: \"prompt\": expected a text or a list of messages, found a number")
        #expect(
            problem(good, pairs: true)
                == "data.jsonl:1: expected \"chosen\" and \"rejected\", found \"prompt\", \"completion\"")
        #expect(
            problem(#"{"prompt": "a", "completion": "b", "weight": "1"}"#)
                == "data.jsonl:1: \"weight\": expected a number from 0 on, found \"1\"")
        let assistant = #"{"role": "assistant", "content": "b"}"#
        #expect(
            problem("{\"messages\": [\(assistant)]}")
                == "data.jsonl:1: \"messages\": expected messages before the assistant's, found none")
        #expect(
            problem("{\"prompt\": \"a\", \"completion\": [\(assistant), \(assistant)]}")
                == "data.jsonl:1: \"completion\": expected one message behind a prompt, found 2")
        let sides = #"[{"role": "user", "content": "x"}, \#(assistant)]"#
        #expect(
            problem("{\"chosen\": \(sides), \"rejected\": \(sides.replacing("x", with: "y"))}", pairs: true)
                == "data.jsonl:1: \"chosen\" and \"rejected\" go on from different conversations")
    }
}
