import StoaCore
import StoaTestKit
import StoaText
import Testing

/// Damaged vocabularies and files: refused, or usable, but never a crash and never without end.
@Suite(.timeLimit(.minutes(30))) struct TokenizerMutationTests {
    private static func use(_ tokenizer: Tokenizer) {
        let ids = tokenizer.encode(
            "Don't 12 é <|im_end|>\n\n  <eos>日本 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", addSpecial: true)
        #expect(ids.allSatisfy(tokenizer.contains))
        #expect(throws: Never.self) { try tokenizer.decode(ids) }
        let outside = tokenizer.encode("<|im_end|><eos><|begin_of_text|>", specialTokens: .ignore)
        #expect(!outside.contains(where: tokenizer.isControl))
    }

    /// What has a meaning in the file, or none where it is least expected.
    private static let words = [
        "\"", "{", "}", "[", "]", ":", ",", "\\", "\\u", "\\ud800", "null", "true", "0", "-1", "9", "1e9",
        "99999999999999999999", " ", "\"id\":", "\"type\":", "[[[[", "{\"a\":",
    ]

    @Test(arguments: ["qwen2", "sentencepiece"], 0..<60)
    func `a damaged file is refused or usable`(_ name: String, _ seed: UInt64) throws {
        var mutator = Mutator(seed: seed, vocabulary: Self.words)
        let bytes = mutator.mutate(try Goldens.bytes("\(name).tokenizer.json"))
        do {
            Self.use(try Tokenizer(tokenizerJSON: bytes))
        } catch {
            #expect(!error.message.isEmpty)
        }
    }

    @Test(arguments: 0..<150)
    func `damage to what surrounds the vocabulary is refused or usable`(_ seed: UInt64) throws {
        var mutator = Mutator(seed: seed, vocabulary: Self.words)
        let file = #"""
            {"version":"1.0","truncation":null,"added_tokens":[{"id":3,"content":"<e>","single_word":false,
            "lstrip":false,"rstrip":false,"normalized":false,"special":true},{"id":4,"content":"<eos>"}],
            "normalizer":{"type":"NFC"},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits",
            "individual_digits":true},{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}]},
            "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<e>","type_id":0}},
            {"Sequence":{"id":"A","type_id":0}}],"special_tokens":{}},"decoder":{"type":"ByteLevel"},
            "model":{"type":"BPE","dropout":null,"unk_token":"a","fuse_unk":true,"byte_fallback":false,
            "ignore_merges":true,"vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}
            """#
        for _ in 0..<8 {
            let bytes = mutator.mutate(Array(file.utf8))
            do {
                Self.use(try Tokenizer(tokenizerJSON: bytes))
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }

    @Test(arguments: 0..<60)
    func `a damaged vocabulary is refused or usable`(_ seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        var mutator = Mutator(seed: seed, vocabulary: Self.words)
        var vocabulary = try seed % 2 == 0 ? Goldens.scoredVocabulary() : Goldens.listedVocabulary("llama-bpe")
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let id = Int.random(in: 0..<vocabulary.types.count, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: vocabulary.types[id] = Int32.random(in: -1...8, using: &generator)
            case 1 where !vocabulary.scores.isEmpty:
                vocabulary.scores[id] = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
            case 2: vocabulary.tokens.append(mutator.mutate(Array("<0x0A>".utf8)))
            case 3: vocabulary.merges.append(mutator.mutate(Array("a b".utf8)))
            case 4: vocabulary.bos = Int.random(in: -5...5000, using: &generator)
            case 5: vocabulary.types.append(Int32.random(in: 1...6, using: &generator))
            case 6:
                vocabulary.tokens.append([UInt8](repeating: 0x61, count: 70_000))
                vocabulary.types.append(1)
                if !vocabulary.scores.isEmpty { vocabulary.scores.append(0) }
            default: vocabulary.addsEOS = true
            }
        }
        do {
            Self.use(try Tokenizer(vocabulary))
        } catch {
            #expect(!error.message.isEmpty)
        }
    }

    @Test func `a file cut off anywhere is refused`() throws {
        let bytes = try Goldens.bytes("gpt-2.tokenizer.json")
        for end in stride(from: 0, to: bytes.count, by: 997) {
            #expect(throws: TokenizerError.self) { try Tokenizer(tokenizerJSON: Array(bytes[..<end])) }
        }
    }

    @Test func `deep nesting is refused`() {
        let nested = #"{"normalizer":"# + String(repeating: "[", count: 100_000)
        #expect(throws: TokenizerError.self) { try Tokenizer(tokenizerJSON: Array(nested.utf8)) }
    }
}
