import Foundation
import StoaCore
import StoaTestKit
import StoaText
import Testing

@Suite struct TokenizerGoldenTests {
    @Test(arguments: ["gpt-2", "llama-bpe", "qwen2", "sentencepiece"])
    func `ids and texts are the reference's for a tokenizer file`(_ name: String) throws {
        try Goldens.check(Goldens.tokenizer(name), "\(name).golden.json")
    }

    @Test(arguments: ["gpt-2", "llama-bpe", "qwen2"])
    func `ids and texts are the reference's for the same vocabulary in a weight file`(_ name: String) throws {
        try Goldens.check(Tokenizer(Goldens.listedVocabulary(name)), "\(name).golden.json")
    }

    @Test func `a space before every text is spelt and taken away again`() throws {
        var vocabulary = try Goldens.scoredVocabulary()
        vocabulary.addsSpacePrefix = true
        try Goldens.check(Tokenizer(vocabulary), "sentencepiece-prefix.golden.json")
    }

    @Test func `scores give the ids that the reference gives with the merges which follow from them`() throws {
        try Goldens.check(Tokenizer(Goldens.scoredVocabulary()), "sentencepiece.golden.json")
    }

    @Test(.enabled(if: RealModels.areExpected, "STOA_TEST_MODELS is not set"))
    func `ids and texts are the reference's for SmolLM2`() throws {
        try Goldens.check(TestModels.smollm.get(), "smollm2.golden.json")
    }

    @Test(.enabled(if: RealModels.areExpected, "STOA_TEST_MODELS is not set"))
    func `ids and texts are the reference's for Gemma 3`() throws {
        try Goldens.check(TestModels.gemma.get(), "gemma3.golden.json")
    }

    static let randomCases = ProcessInfo.processInfo.environment["STOA_TOKENIZER_CASES"]

    /// `generate.py random` writes the files; see the goldens' README.
    @Test(.enabled(if: randomCases != nil))
    func `ids and texts are the reference's on random texts`() throws {
        let folder = try #require(Self.randomCases)
        try Goldens.check(TestModels.smollm.get(), "smollm2.golden.json", in: folder)
        try Goldens.check(TestModels.gemma.get(), "gemma3.golden.json", in: folder)
    }

    @Test func `a template of the file begins sequences`() throws {
        let llama = try Goldens.tokenizer("llama-bpe")
        let bos = try #require(llama.id(of: "<|begin_of_text|>"))
        #expect(llama.special.bos == bos)
        #expect(llama.addsBOS)
        #expect(llama.encode("a", addSpecial: true) == [bos] + llama.encode("a"))
        #expect(llama.special.endOfTurn == Set(["<|end_of_text|>", "<|eot_id|>"].compactMap { llama.id(of: $0) }))
        #expect(try !Goldens.tokenizer("qwen2").addsBOS)
    }

    @Test func `special tokens come from the configuration`() throws {
        let config = """
            {"bos_token": null, "eos_token": {"content": "<|im_end|>", "lstrip": false}, "pad_token": "<|endoftext|>"}
            """
        let qwen = try Tokenizer(
            tokenizerJSON: Goldens.bytes("qwen2.tokenizer.json"), configJSON: Array(config.utf8))
        #expect(qwen.special.bos == nil)
        #expect(qwen.special.eos == qwen.id(of: "<|im_end|>"))
        #expect(qwen.special.padding == qwen.id(of: "<|endoftext|>"))
        #expect(qwen.special.endOfTurn.count == 2)
    }
}
