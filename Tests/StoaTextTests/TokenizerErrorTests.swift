import StoaCore
import StoaText
import Testing

@Suite struct TokenizerErrorTests {
    private static func vocabulary(_ change: (inout Vocabulary) -> Void) -> Vocabulary {
        var vocabulary = Vocabulary(model: "gpt2", pre: "gpt-2")
        for token in ["a", "b", "ab", "<|end|>"] { vocabulary.tokens.append(token.utf8) }
        vocabulary.types = [1, 1, 1, 3]
        vocabulary.merges.append("a b".utf8)
        vocabulary.eos = 3
        change(&vocabulary)
        return vocabulary
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout Vocabulary) -> Void

        init(_ message: String, _ change: @escaping @Sendable (inout Vocabulary) -> Void) {
            testDescription = message
            self.change = change
        }
    }

    @Test func `the vocabulary without a change is accepted`() throws {
        let tokenizer = try Tokenizer(Self.vocabulary { _ in })
        #expect(tokenizer.encode("abba<|end|>", specialTokens: .parse) == [2, 1, 0, 3])
    }

    @Test(arguments: [
        Case("the vocabulary is empty") {
            $0.tokens = PackedStrings()
            $0.types = []
        },
        Case("vocabulary model \"bert\" is not implemented") { $0.model = "bert" },
        Case("pre-tokenizer \"tekken\" is not implemented") { $0.pre = "tekken" },
        Case("a byte-level vocabulary without a pre-tokenizer") { $0.pre = nil },
        Case("merge 1 names \"c\", which is not a token") { $0.merges.append("a c".utf8) },
        Case("merge 1 names \"ba\", which is not a token") { $0.merges.append("b a".utf8) },
        Case("merge 1 is \"ab\", expected two tokens and a space") { $0.merges.append("ab".utf8) },
        Case("tokens 0 and 4 have the same text \"a\"") {
            $0.tokens.append("a".utf8)
            $0.types.append(1)
        },
        Case("token 4 has no text") {
            $0.tokens.append([])
            $0.types.append(1)
        },
        Case("4 tokens have 3 types") { $0.types.removeLast() },
        Case("token 2 has type 9, expected 1 to 6") { $0.types[2] = 9 },
        Case("token 2 has type -1, expected 1 to 6") { $0.types[2] = -1 },
        Case("the bos id is 4, but the vocabulary has 4 tokens") { $0.bos = 4 },
        Case("the eos id is -1, but the vocabulary has 4 tokens") { $0.eos = -1 },
        Case("the unknown id is 4294967295, but the vocabulary has 4 tokens") { $0.unknown = 4_294_967_295 },
        Case("a sequence begins with bos, but there is no bos id") { $0.addsBOS = true },
        Case("the vocabulary has no token for any byte") {
            $0.types = [3, 3, 3, 3]
            $0.merges = PackedStrings()
        },
        Case("4 tokens have 0 scores") { $0.model = "llama" },
        Case("the vocabulary has no token for byte 0") {
            $0.model = "llama"
            $0.scores = [0, 0, 0, 0]
            $0.bos = 3
        },
        Case("token 1 has the score nan, expected a number") {
            $0.model = "llama"
            $0.scores = [0, .nan, 0, 0]
            $0.bos = 3
        },
        Case("byte token 0 is \"a\", expected <0x00> to <0xFF>") {
            $0.model = "llama"
            $0.scores = [0, 0, 0, 0]
            $0.types[0] = 6
            $0.bos = 3
        },
    ])
    func `a vocabulary that cannot be is refused with a reason`(_ refused: Case) {
        let error = #expect(throws: TokenizerError.self) { try Tokenizer(Self.vocabulary(refused.change)) }
        #expect(error?.message == "tokenizer: " + refused.testDescription)
        #expect(error?.kind == .badInput)
    }

    @Test func `a character that is a token needs no byte token`() throws {
        var vocabulary = try Goldens.scoredVocabulary()
        let place = try #require(
            (0..<vocabulary.tokens.count).first { vocabulary.tokens[$0].elementsEqual("<0x0A>".utf8) })
        var tokens = PackedStrings()
        for id in 0..<vocabulary.tokens.count {
            tokens.append(id == place ? ArraySlice("<line>".utf8) : vocabulary.tokens[id])
        }
        vocabulary.tokens = tokens
        vocabulary.types[place] = 1
        let tokenizer = try Tokenizer(vocabulary)
        #expect(try tokenizer.decode(tokenizer.encode("a\nb\n\n\n\n\n")) == "a\nb\n\n\n\n\n")
    }

    @Test func `a hint names what is known`() {
        let error = #expect(throws: TokenizerError.self) { try Tokenizer(Self.vocabulary { $0.pre = "tekken" }) }
        #expect(error?.code == .unsupported)
        #expect(error?.hint == "Known are smollm, gpt-2, llama-bpe, qwen2.")
    }

    private static let file = #"""
        {"added_tokens":[{"id":3,"content":"<e>","special":true}],"normalizer":null,
        "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"decoder":{"type":"ByteLevel"},
        "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]}}
        """#

    @Test func `the file without a change is accepted`() throws {
        let tokenizer = try Tokenizer(tokenizerJSON: Array(Self.file.utf8))
        #expect(tokenizer.encode("abba<e>", specialTokens: .parse) == [2, 1, 0, 3])
        #expect(try Tokenizer(tokenizerJSON: Array(Self.replacing(#"["a","b"]"#, #""a b""#))).encode("ab") == [2])
    }

    private static func replacing(_ old: String, _ new: String) -> [UInt8] {
        let text = Array(file.utf8)
        let part = Array(old.utf8)
        for start in text.indices where text[start...].starts(with: part) {
            return text[..<start] + Array(new.utf8) + text[(start + part.count)...]
        }
        return text
    }

    @Test(arguments: [
        (#""ab":2"#, #""ab":1"#, "id 1 is given twice, once to \"ab\""),
        (#""ab":2"#, #""ab":99999"#, "token \"ab\" has the id 99999, but there are 4 tokens"),
        (#""ab":2"#, #""ab":-1"#, "tokenizer.json: expected an id at line 3, column 49"),
        (#""ab":2"#, #""ab":2.5"#, "tokenizer.json: expected '}' at line 3, column 50"),
        (#""ab":2"#, #""a":2"#, "tokens 0 and 2 have the same text \"a\""),
        (#""ab":2"#, #""\ud800":2"#, "tokenizer.json: lone surrogate in a string at line 3, column 45"),
        (#"["a","b"]"#, #"["a","c"]"#, "merge 0 names \"c\", which is not a token"),
        (#"["a","b"]"#, #"["a"]"#, "tokenizer.json: merge 0 is not two tokens at line 3, column 67"),
        (#"["a","b"]"#, #""a b c""#, "tokenizer.json: merge 0 is not two tokens at line 3, column 69"),
        (#""id":3"#, #""id":2"#, "id 2 is given twice, once to \"<e>\""),
        (#""special""#, #""lstrip""#, "added token \"<e>\" has lstrip, which is not implemented"),
        (#""BPE""#, #""Unigram""#, "tokenizer.json: model \"Unigram\" is not implemented"),
        (
            #""normalizer":null"#, #""normalizer":{"type":"Lowercase"}"#,
            "tokenizer.json: normalizer [{\"type\":\"Lowercase\"}] is not implemented"
        ),
        (#""decoder":{"type":"ByteLevel"}"#, #""decoder":null"#, "tokenizer.json: decoder [] is not implemented"),
        (#"{"type":"BPE""#, #"{"dropout":0.1"#, "tokenizer.json: model.dropout 0.1 is not implemented"),
        (#"{"type":"BPE""#, #"{"unk_token":"?""#, "the model's unk_token \"?\" is not a token"),
        (
            #""add_prefix_space":false"#, #""add_prefix_space":true"#,
            "tokenizer.json: pre_tokenizer [{\"type\":\"ByteLevel\",\"add_prefix_space\":true}] is not implemented"
        ),
        (
            #""normalizer":null"#, #""normalizer":nul"#,
            "tokenizer.json: unexpected word, expected null at line 1, column 72"
        ),
    ])
    func `a file that cannot be is refused with a reason`(_ old: String, _ new: String, _ message: String) {
        let bytes = Self.replacing(old, new)
        let error = #expect(throws: TokenizerError.self) { try Tokenizer(tokenizerJSON: bytes) }
        #expect(error?.message == "tokenizer: " + message)
    }

    @Test func `a configuration that names a token which does not exist is refused`() {
        let error = #expect(throws: TokenizerError.self) {
            try Tokenizer(
                tokenizerJSON: Array(Self.file.utf8), configJSON: Array(#"{"eos_token": "</s>"}"#.utf8))
        }
        #expect(error?.message == "tokenizer: the eos_token \"</s>\" is not a token")
    }
}
