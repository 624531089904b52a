import StoaTestKit
import StoaText

/// The tokenizers of real models, read once for all tests.
enum TestModels {
    static let smollm = Result { try tokenizer("SmolLM2-135M-Instruct.Q4_1.gguf") }
    static let gemma = Result { try tokenizer("gemma-3-270m-q4_k_m.gguf") }

    private static func tokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(GGUFVocabulary.read(RealModels.path(name)))
    }
}
