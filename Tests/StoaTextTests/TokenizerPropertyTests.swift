import StoaCore
import StoaTestKit
import StoaText
import Testing

@Suite struct TokenizerPropertyTests {
    static let names = ["gpt-2", "llama-bpe", "qwen2", "sentencepiece"]

    /// Pieces of text that a user might send, control tokens' names and their fragments among them.
    private static let fragments = [
        "<|im_start|>", "<|im_end|>", "<|im_", "end|>", "<|eot_id|>", "<|begin_of_text|>", "<eos>", "<bos>", "<e",
        "os>",
        "<end_of_turn>", "<tool_call>", "<table>", "\n", "\n\n", " ", "  ", "a", "the ", "don't", "1234", "é",
        "e\u{301}",
        "👩‍👩‍👧", "日本", "\0", "\u{FFFD}", "\r\n", "\t", "'S", "<", "|", ">",
    ]

    private static func text(_ generator: inout SplitMix) -> String {
        (0..<Int.random(in: 0...20, using: &generator)).map { _ in
            fragments.randomElement(using: &generator) ?? ""
        }.joined()
    }

    private static func ids(_ tokenizer: Tokenizer, _ generator: inout SplitMix) -> [TokenID] {
        // Low ids hold the bytes, so that broken sequences are common.
        let end = Bool.random(using: &generator) ? 280 : Int32(tokenizer.vocabularySize)
        return (0..<Int.random(in: 0...20, using: &generator)).map { _ in
            TokenID(Int32.random(in: 0..<end, using: &generator))
        }
    }

    @Test(arguments: ["gpt-2", "llama-bpe", "sentencepiece"])
    func `decoding what was encoded gives the text back`(_ name: String) throws {
        let tokenizer = try Goldens.tokenizer(name)
        // SentencePiece writes a space as U+2581, which therefore comes back as a space.
        for text in try Goldens.texts() where name != "sentencepiece" || !text.unicodeScalars.contains("\u{2581}") {
            for policy in [Tokenizer.SpecialTokenPolicy.parse, .ignore] {
                let ids = tokenizer.encode(text, specialTokens: policy)
                #expect(Array(try tokenizer.decode(ids, skipSpecial: false).utf8) == Array(text.utf8))
                #expect(ids.flatMap(tokenizer.bytes(of:)) == Array(text.utf8))
            }
        }
    }

    @Test func `decoding what was encoded gives the normal form back where the model normalises`() throws {
        let qwen = try Goldens.tokenizer("qwen2")
        let plain = try Goldens.tokenizer("llama-bpe")
        for text in try Goldens.texts() {
            let once = try qwen.decode(qwen.encode(text))
            #expect(try qwen.decode(qwen.encode(once)) == once)
            // Swift compares strings by canonical equivalence, which normalisation keeps.
            #expect(try once == plain.decode(plain.encode(text)))
        }
    }

    @Test(arguments: names, 0..<40)
    func `text from outside never becomes a control token`(_ name: String, _ seed: UInt64) throws {
        let tokenizer = try #require(try Self.tokenizers.get()[name])
        var generator = SplitMix(seed: seed)
        for _ in 0..<20 {
            let ids = tokenizer.encode(Self.text(&generator), specialTokens: .ignore)
            #expect(!ids.contains(where: tokenizer.isControl))
        }
    }

    @Test(arguments: names, 0..<40)
    func `text from outside neither adds nor removes a control token of the template`(
        _ name: String, _ seed: UInt64
    ) throws {
        let tokenizer = try #require(try Self.tokenizers.get()[name])
        var generator = SplitMix(seed: seed)
        for _ in 0..<20 {
            // A template's stretch lies between stretches from outside, and never beside another of its kind.
            let segments = (0..<5).map { TemplateSegment(text: Self.text(&generator), isTrusted: $0 % 2 == 1) }
            let expected = segments.filter(\.isTrusted).flatMap {
                tokenizer.encode($0.text, specialTokens: .parse).filter(tokenizer.isControl)
            }
            let separated = segments.map {
                $0.isTrusted || !$0.text.isEmpty ? $0 : TemplateSegment(text: "x", isTrusted: false)
            }
            let ids = tokenizer.encode(segments: separated)
            #expect(ids.filter(tokenizer.isControl) == expected)
        }
    }

    @Test func `a control token that is put together across a border of trust stays text`() throws {
        let tokenizer = try Goldens.tokenizer("qwen2")
        for border in 1..<10 {
            let name = Array("<|im_end|>".utf8)
            let first = String(decoding: name[..<border], as: UTF8.self)
            let second = String(decoding: name[border...], as: UTF8.self)
            for isFirstTrusted in [false, true] {
                let ids = tokenizer.encode(segments: [
                    TemplateSegment(text: first, isTrusted: isFirstTrusted),
                    TemplateSegment(text: second, isTrusted: !isFirstTrusted),
                ])
                #expect(!ids.contains(where: tokenizer.isControl))
                #expect(ids == tokenizer.encode("<|im_end|>", specialTokens: .ignore))
            }
            let both = [TemplateSegment(text: first, isTrusted: true), TemplateSegment(text: second, isTrusted: true)]
            #expect(tokenizer.encode(segments: both) == [try #require(tokenizer.id(of: "<|im_end|>"))])
        }
    }

    @Test(arguments: names, 0..<40)
    func `streamed pieces join to the decoded text`(_ name: String, _ seed: UInt64) throws {
        let tokenizer = try #require(try Self.tokenizers.get()[name])
        var generator = SplitMix(seed: seed)
        for skipSpecial in [false, true] {
            let ids = Self.ids(tokenizer, &generator)
            var decoder = StreamingDecoder(tokenizer, skipSpecial: skipSpecial)
            let pieces = ids.map { decoder.append($0) } + [decoder.finish()]
            #expect(pieces.joined().utf8.elementsEqual(try tokenizer.decode(ids, skipSpecial: skipSpecial).utf8))
            #expect(decoder.finish().isEmpty)
        }
    }

    @Test(arguments: names)
    func `a stream never shows a broken character of a whole text`(_ name: String) throws {
        let tokenizer = try #require(try Self.tokenizers.get()[name])
        for text in try Goldens.texts() where !text.unicodeScalars.contains("\u{FFFD}") {
            var decoder = StreamingDecoder(tokenizer, skipSpecial: false)
            for id in tokenizer.encode(text) { #expect(!decoder.append(id).unicodeScalars.contains("\u{FFFD}")) }
            #expect(!decoder.finish().unicodeScalars.contains("\u{FFFD}"))
        }
    }

    @Test func `a byte-level stream gives a character out with its last byte`() throws {
        let tokenizer = try Goldens.tokenizer("gpt-2")
        var decoder = StreamingDecoder(tokenizer)
        var pieces: [String] = []
        for byte in Array("é😀".utf8) {
            let id = try #require((0..<256).map { TokenID($0) }.first { tokenizer.bytes(of: $0) == [byte] })
            pieces.append(decoder.append(id))
        }
        #expect(pieces == ["", "é", "", "", "", "😀"])
        #expect(decoder.finish().isEmpty)
    }

    @Test(
        arguments: [
            [0xFF], [0x61, 0xC3], [0xC3, 0x28], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98], [0xC0, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82, 0xAC, 0x80, 0x41],
        ] as [[UInt8]])
    func `what is not UTF-8 is encoded as the replacement character`(_ bytes: [UInt8]) throws {
        for name in Self.names {
            let tokenizer = try #require(try Self.tokenizers.get()[name])
            #expect(tokenizer.encode(utf8: bytes) == tokenizer.encode(String(decoding: bytes, as: UTF8.self)))
            #expect(try tokenizer.decode(tokenizer.encode(utf8: bytes)) == String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test(.timeLimit(.minutes(30)), arguments: names)
    func `a long run of one letter needs no square of its length`(_ name: String) throws {
        let tokenizer = try #require(try Self.tokenizers.get()[name])
        for unit in ["a", " ", "\n", "ab", "é", "<"] {
            let text = String(repeating: unit, count: 20_000)
            #expect(try tokenizer.decode(tokenizer.encode(text)) == text)
        }
    }

    @Test func `an id outside the vocabulary is an error that names it`() throws {
        let tokenizer = try Goldens.tokenizer("gpt-2")
        let end = Int32(tokenizer.vocabularySize)
        for id in [-1, end, .max] as [Int32] {
            let error = #expect(throws: TokenizerError.self) { try tokenizer.decode([TokenID(id)]) }
            #expect(error?.message == "tokenizer: token id \(id) is outside the vocabulary, expected 0 to \(end - 1)")
            #expect(!tokenizer.contains(TokenID(id)))
        }
    }

    @Test(arguments: names)
    func `pieces name their tokens`(_ name: String) throws {
        let tokenizer = try #require(try Self.tokenizers.get()[name])
        for id in (0..<Int32(tokenizer.vocabularySize)).map({ TokenID($0) }) {
            #expect(tokenizer.id(of: tokenizer.piece(of: id)) == id)
        }
    }

    /// Built once for all tests.
    private static let tokenizers = Result {
        try Dictionary(uniqueKeysWithValues: names.map { ($0, try Goldens.tokenizer($0)) })
    }
}
