import Foundation
import StoaCore
import StoaTestKit
import Testing

/// What the program says about latents, on real weights.
@Suite(.serialized, .timeLimit(.minutes(30)), .enabled(if: RealModels.areExpected)) struct LatentCommandTests {
    private static func run(_ arguments: String...) throws -> StoaBinary.Result {
        let cache = FileManager.default.temporaryDirectory.appending(path: "stoa-cli-tests").path
        return try StoaBinary.run(StoaBinary.process(arguments, ["STOA_CACHE": cache]))
    }

    @Test func `a model aligned with itself loses nothing that its embeddings tell apart`() throws {
        let model = try RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf")
        let result = try Self.run("model", "align", model, model, "--sample", "50", "--seed", "3", "--json")
        let document = try result.document()
        #expect(result.status == 0 && document["n"] == 50 && document["seed"] == 3)
        // The head is the embedding: the map is the identity, but for the ridge.
        #expect((document["residual"]?.doubleValue ?? 1) < 1e-3)
        #expect(document["cosine_recovery"]?.doubleValue == 1)
        #expect((document["shared"]?.intValue ?? 0) > 40_000)
    }

    @Test func `a model that is not there and a sample out of range are refused`() throws {
        let model = try RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf")
        let missing = try Self.run("model", "align", model, "/nowhere/model.gguf")
        #expect(missing.status != 0 && missing.error.contains("/nowhere/model.gguf"))
        let none = try Self.run("model", "align", model, model, "--sample", "0")
        #expect(none.status == 64 && none.error.contains("--sample"))
    }

    @Test func `bench latent gives the document of the contract`() throws {
        let model = try RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf")
        let document = try Self.run(
            "bench", "latent", "--model", model, "--questions", "1", "--repetitions", "1", "--latent-steps", "3",
            "--text-tokens", "6", "--answer-tokens", "4", "--json"
        ).document()
        #expect(document["repetitions"] == 1 && document["machine"]?["isa"]?.stringValue != nil)
        #expect(document["questions"] != nil && document["model"] != nil)
        for part in [document, document["free_running"] ?? .null] {
            #expect(part["speedup"]?["median"]?.doubleValue ?? 0 > 0)
            for arm in ["latent", "text"] {
                for name in ["seconds_per_question", "prefill_tokens", "latent_steps", "decoded_tokens", "kv_bytes"] {
                    #expect(part[arm]?[name]?["median"]?.doubleValue != nil, "\(arm).\(name)")
                }
            }
        }
        #expect(document["latent"]?["latent_steps"]?["median"] == 9)
        #expect(document["latent"]?["decoded_tokens"]?["median"] == 4)
        #expect(document["text"]?["decoded_tokens"]?["median"] == 22)
        let saved = try #require(document["decoded_token_reduction"]?["median"]?.doubleValue)
        #expect(abs(saved - (1 - 4.0 / 22)) < 1e-9)
    }

    @Test func `an arm that does not exist is refused`() throws {
        let result = try Self.run("bench", "latent", "--only", "telepathy")
        #expect(result.status == 64 && result.error.contains("telepathy"))
    }
}
