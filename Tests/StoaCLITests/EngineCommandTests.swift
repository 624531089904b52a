import Foundation
import StoaCore
import StoaTestKit
import Testing

/// The commands that run the engine, through the built program and on real weights.
@Suite(.serialized, .enabled(if: RealModels.areExpected)) struct EngineCommandTests {
    private static func model() throws -> String { try RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf") }

    /// A file that is removed with the value that made it.
    private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try text.write(to: url, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url.path)
    }

    private static func run(_ arguments: String...) throws -> StoaBinary.Result {
        let cache = FileManager.default.temporaryDirectory.appending(path: "stoa-cli-tests").path
        return try StoaBinary.run(StoaBinary.process(arguments, ["STOA_CACHE": cache]))
    }

    @Test func `generate gives the document of the contract, the same for the same seed`() throws {
        let arguments = [
            "generate", "--model", try Self.model(), "--chat", "--prompt", "Name a colour.", "--max-tokens", "6",
            "--temperature", "0.8", "--seed", "7", "--logprobs", "2", "--json",
        ]
        let documents = try (0..<2).map { _ in
            try StoaBinary.run(StoaBinary.process(arguments, ["STOA_CACHE": NSTemporaryDirectory()])).document()
        }
        for document in documents {
            let ids = try #require(document["token_ids"]?.arrayValue)
            #expect(ids.count <= 6)
            #expect(document["usage"]?["decoded_tokens"]?.intValue == ids.count)
            #expect(["length", "stop"].contains(document["finish_reason"]?.stringValue))
            let entries = try #require(document["logprobs"]?.arrayValue)
            #expect(entries.count == ids.count)
            for (id, entry) in zip(ids, entries) {
                #expect(entry["id"] == id)
                #expect((entry["logprob"]?.doubleValue ?? 1) <= 0)
                #expect(entry["top"]?.arrayValue?.count == 2)
            }
            #expect((document["timing"]?["load_seconds"]?.doubleValue ?? -1) > 0)
        }
        #expect(documents[0]["token_ids"] == documents[1]["token_ids"])
        #expect(documents[0]["text"] == documents[1]["text"])
    }

    @Test func `score gives a log-probability for every token but the first`() throws {
        let result = try withFile("[[504, 2988, 288], [19556]]") {
            try Self.run(
                "score", "--model", Self.model(), "--tokens", $0, "--top", "3", "--hidden", "--precision", "exact")
        }
        let scores = try #require(try result.document().arrayValue)
        #expect(scores.map { $0["logprobs"]?.arrayValue?.count } == [3, 1])
        #expect(scores[0]["logprobs"]?.arrayValue?.first == .null)
        #expect(scores[0]["top"]?.arrayValue?.map { $0.arrayValue?.count } == [0, 3, 3])
        #expect(scores[0]["hidden"]?.arrayValue?.map { $0.arrayValue?.count } == [576, 576, 576])
    }

    @Test func `tokenize and detokenize are inverse, and control tokens are parsed only where allowed`() throws {
        let text = "Hello <|im_end|> wörld"
        let parsed = try Self.run("tokenize", "--model", Self.model(), "--json", text).document()
        let spelt = try Self.run("tokenize", "--model", Self.model(), "--json", "--no-special", text).document()
        #expect(parsed["ids"]?.arrayValue?.contains(2) == true)
        #expect(spelt["ids"]?.arrayValue?.contains(2) == false)
        for document in [parsed, spelt] {
            let ids = try #require(document["ids"]?.arrayValue).map(\.text).joined(separator: " ")
            let back = try Self.run("detokenize", "--model", Self.model(), "--json", ids).document()
            #expect(back["text"]?.stringValue == text)
        }
    }

    @Test func `template writes the conversation as the model wants it`() throws {
        let rendered = try withFile(#"[{"role": "user", "content": "hi"}]"#) {
            try Self.run("template", "--model", Self.model(), "--messages", $0, "--json").document()
        }
        #expect(
            rendered["text"]?.stringValue?.hasSuffix("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n") == true)
    }

    @Test func `bench engine gives every figure of the contract`() throws {
        let document = try Self.run("bench", "engine", "--model", Self.model(), "--repetitions", "1", "--json")
            .document()
        let decode = try #require(document["decode_tokens_per_second"])
        let figures =
            [decode["context_16"], decode["context_512"]]
            + [
                "prefill_tokens_per_second", "batch8_decode_tokens_per_second", "latent_steps_per_second",
                "load_seconds", "peak_rss_mb", "read_bandwidth_gb_per_second", "fraction_of_bandwidth",
            ].map { document[$0] }
        for figure in figures {
            for key in ["median", "min", "max"] { #expect((figure?[key]?.doubleValue ?? 0) > 0) }
        }
        #expect(["scalar", "avx2", "avx512", "neon"].contains(document["machine"]?["isa"]?.stringValue))
    }

    @Test(arguments: [
        (["generate", "--prompt", "x", "--temperature", "-1"], 64, "--temperature"),
        (["generate", "--prompt", "x", "--max-tokens", "0"], 64, "--max-tokens"),
        (["score", "--tokens", "/nonexistent.json"], 65, "/nonexistent.json"),
        (["generate", "--prompt", "x", "--threads", "0"], 64, "--threads"),
        (["generate", "--prompt", "x", "--kv-memory", "17592186044417"], 64, "--kv-memory"),
    ])
    func `bad input is named and has its exit code`(_ arguments: [String], _ status: Int32, _ named: String) throws {
        let result = try StoaBinary.run(
            StoaBinary.process(
                arguments + ["--model", Self.model()], ["STOA_CACHE": NSTemporaryDirectory()]))
        #expect(result.status == status)
        #expect(result.error.contains(named))
        #expect(result.output.isEmpty)
    }

    @Test func `settings come from the environment too, and bad ones are named`() throws {
        let arguments = ["generate", "--prompt", "x", "--max-tokens", "1", "--model", try Self.model()]
        for name in ["STOA_TEMPERATURE", "STOA_SEED"] {
            let result = try StoaBinary.run(
                StoaBinary.process(arguments, ["STOA_CACHE": NSTemporaryDirectory(), name: "abc"]))
            #expect(result.status == 64)
            #expect(result.error.contains(name))
        }
    }

    @Test func `a token that is not in the vocabulary is bad data`() throws {
        let result = try withFile("[[1, 49152]]") { try Self.run("score", "--model", Self.model(), "--tokens", $0) }
        #expect(result.status == 65)
        #expect(result.error.contains("token 49152 is not in the vocabulary of 49152"))
    }
}
