import Foundation
import StoaCore
import StoaTestKit
import Testing

/// Adapters trained by the built program, on real weights.
@Suite(.serialized, .timeLimit(.minutes(30)), .enabled(if: RealModels.areExpected)) struct TrainCommandTests {
    private let folder: RunFolder
    private let model: String

    init() throws {
        folder = try RunFolder()
        model = try RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf")
        folder.environment["STOA_CACHE"] = FileManager.default.temporaryDirectory.appending(path: "stoa-cli-tests").path
        let answers = (1...12).map { #"{"prompt": "What is \#($0) + \#($0)?", "completion": "\#(2 * $0)"}"# }
        try folder.write(answers.joined(separator: "\n"), to: "answers.jsonl")
    }

    private func arguments(_ out: String, _ more: String...) -> [String] {
        ["train", "sft", "--model", model, "--data", "answers.jsonl", "--out", out, "--rank", "2", "--batch", "2"]
            + ["--seed", "3", "--json", "--quiet"] + more
    }

    private func lines(_ text: String) throws -> [JSONValue] {
        try text.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)) }
    }

    private func train(_ out: String, _ more: String...) throws -> [JSONValue] {
        let result = try StoaBinary.run(folder.process(arguments(out) + more))
        #expect(result.status == 0, "\(result.error)")
        return try lines(result.output)
    }

    private func entries(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + path).sorted()) ?? []
    }

    @Test func `sft gives a line for each step and a summary, and an adapter that generation can use`() throws {
        let told = try train("adapter")
        #expect(told.dropLast().compactMap { $0["step"]?.intValue } == Array(1...6))
        for line in told { #expect(line["loss"]?.doubleValue ?? -1 > 0) }
        let summary = try #require(told.last)
        #expect(summary["done"] == true)
        #expect(summary["step"] == 6)
        #expect(summary["examples"] == 12)
        #expect(summary["left_out"] == 0)
        #expect(summary["rank"] == 2)
        #expect(summary["scored_tokens"]?.intValue ?? 0 >= 24)
        #expect(entries("adapter") == ["adapter_config.json", "adapter_model.safetensors"])
        // The same again, and by another number of threads.
        #expect(try train("again", "--threads", "1").last?["adapter"] == summary["adapter"])

        // Goes on from the folder, and from the digest.
        let digest = try #require(summary["adapter"]?.stringValue)
        let further = try train("further", "--from", "adapter", "--rank", "9")
        #expect(further.last?["rank"] == 2)
        #expect(try #require(further.first?["loss"]?.doubleValue) != told[0]["loss"]?.doubleValue)
        #expect(try train("digest", "--from", digest).last?["adapter"] == further.last?["adapter"])
    }

    @Test func `dpo learns preferences, and export writes what others read`() throws {
        let pairs = (1...8).map {
            #"{"prompt": [{"role": "user", "content": "Say \#($0)."}], "chosen": "\#($0)", "rejected": "No.", "weight": 0.5}"#
        }
        try folder.write(pairs.joined(separator: "\n"), to: "pairs.jsonl")
        let result = try folder.stoa(
            "train", "dpo", "--model", model, "--data", "pairs.jsonl", "--out", "pairs", "--rank", "2", "--batch", "4",
            "--epochs", "2", "--learning-rate", "0.001", "--beta", "0.2", "--json", "--quiet")
        #expect(result.status == 0, "\(result.error)")
        let told = try lines(result.output)
        #expect(abs((told.first?["loss"]?.doubleValue ?? 0) - 0.693147) < 1e-3)
        #expect(told.last?["figures"]?["accuracy"]?.doubleValue ?? -1 >= 0)
        #expect(told.last?["objective"] == "dpo")

        let gguf = try folder.document("train", "export", "pairs", "--model", model, "--out", "pairs.gguf")
        #expect(gguf["format"] == "gguf")
        #expect(gguf["adapter"] == told.last?["adapter"])
        // Back from the file it is the same adapter.
        let peft = try folder.document(
            "train", "export", "pairs.gguf", "--model", model, "--format", "peft", "--out", "back")
        #expect(peft["adapter"] == told.last?["adapter"])
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: folder.path + "/back/adapter_model.safetensors"))
                == Data(contentsOf: URL(fileURLWithPath: folder.path + "/pairs/adapter_model.safetensors")))
    }

    @Test(arguments: [
        (#"{"prompt": "a"}"#, #"data.jsonl:2: expected "messages", or "prompt" and "completion", found "prompt""#),
        (#"{"prompt": "a", "completion": 3}"#, #"data.jsonl:2: "completion": expected a text or a list of messages"#),
        (#"{"prompt": "a", "completion": "b", "weight": -1}"#, #"data.jsonl:2: "weight": expected a number from 0 on"#),
        (#"{"messages": [{"role": "user", "content": "a"}]}"#, "expected words of the assistant as the last message"),
        (#"{"messages": [{"role": "poet", "content": "a"}]}"#, #"data.jsonl:2: "messages": message 0: expected"#),
        (#"{"prompt": "#, "data.jsonl:2:"), ("[1]", "data.jsonl:2: expected an object, found a list"),
    ])
    func `a line that is no example is named`(_ line: String, _ message: String) throws {
        try folder.write(#"{"prompt": "a", "completion": "b"}"# + "\n\(line)\n", to: "data.jsonl")
        let result = try folder.stoa("train", "sft", "--model", model, "--data", "data.jsonl", "--out", "adapter")
        #expect(result.status == 65)
        #expect(result.error.contains(message), "\(result.error)")
        #expect(result.output.isEmpty)
    }

    @Test func `what is missing or makes no sense is a mistake of usage`() throws {
        let cases: [([String], String)] = [
            (["--out", "adapter"], "--data"), (["--data", "answers.jsonl"], "--out"),
            (["--data", "answers.jsonl", "--out", "adapter", "--precision", "fp16"], "precision"),
            (["--data", "answers.jsonl", "--out", "adapter", "--targets", "q,head"], "targets"),
            (["--data", "answers.jsonl", "--out", "adapter", "--epochs", "0"], "epochs"),
            (["--data", "answers.jsonl", "--out", "adapter", "--normalisation", "mean"], "normalisation"),
        ]
        for (arguments, named) in cases {
            let result = try StoaBinary.run(folder.process(["train", "sft", "--model", model] + arguments))
            #expect(result.status == 64, "\(arguments): \(result.error)")
            #expect(result.error.contains(named), "\(result.error)")
        }
    }

    // MARK: - Interrupted

    /// Runs a training until it has told of a step, and sends it a signal.
    private func stop(_ out: String, at step: Int, by signal: Int32) throws -> Int32 {
        let process = try folder.process(arguments(out, "--checkpoint-every", "0", "--epochs", "2"))
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var told = ""
        while !told.contains(#""step":\#(step),"#) {
            let bytes = output.fileHandleForReading.availableData
            try #require(!bytes.isEmpty, "ended before step \(step): \(told)")
            told += String(decoding: bytes, as: UTF8.self)
        }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test func `killed again and again, a training ends with the same adapter`() throws {
        let whole = try #require(try train("whole", "--epochs", "2").last)
        #expect(whole["step"] == 12)
        for step in [1, 4, 5, 8, 11] {
            #expect(try stop("killed", at: step, by: SIGKILL) == SIGKILL)
            #expect(!entries("killed").contains("adapter_config.json"))
        }
        let told = try train("killed", "--epochs", "2", "--checkpoint-every", "0")
        // What was done is not done again.
        #expect(try #require(told.first?["step"]?.intValue) >= 11)
        #expect(told.last?["adapter"] == whole["adapter"])
        #expect(told.last?["tokens"] == whole["tokens"])
        #expect(entries("killed") == entries("whole"))
    }

    @Test func `Ctrl-C leaves a checkpoint, and the same command goes on`() throws {
        let whole = try #require(try train("whole", "--epochs", "2").last)
        #expect(try stop("stopped", at: 3, by: SIGINT) == 130)
        let told = try train("stopped", "--epochs", "2")
        #expect(try #require(told.first?["step"]?.intValue) >= 4)
        #expect(told.last?["adapter"] == whole["adapter"])
    }
}
