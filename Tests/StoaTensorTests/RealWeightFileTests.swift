import StoaTensor
import StoaTestKit
import Testing

@Suite(.enabled(if: RealModels.areExpected, "there are no real weights here"))
struct `Real weight files` {
    @Test(arguments: [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", 272, "llama", 49152), ("gemma-3-270m-q4_k_m.gguf", 236, "gemma3", 262_144),
    ])
    func `open with all their tensors and tokens`(
        name: String, tensors: Int, architecture: String, vocabulary: Int
    ) throws {
        let file = try GGUFFile(path: try RealModels.path(name))
        #expect(file.tensorCount == tensors)
        #expect(file.tensorNames.count == tensors)
        #expect(try file.metadata.string("general.architecture") == architecture)
        let tokens = try #require(try file.metadata.strings("tokenizer.ggml.tokens"))
        #expect(tokens.count == vocabulary)
        #expect(try file.tensor("token_embd.weight").shape[0] == vocabulary)
        #expect(try file.metadata.ints("tokenizer.ggml.token_type")?.count == vocabulary)
    }
}
