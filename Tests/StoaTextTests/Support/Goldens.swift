import StoaCore
import StoaTestKit
import StoaText
import Testing

/// The files of `Tests/Goldens/tokenizers`.
enum Goldens {
    static let folder = goldenPath("tokenizers")

    static func bytes(_ name: String, in folder: String = folder) throws -> [UInt8] {
        try fileBytes("\(folder)/\(name)")
    }

    static func json(_ name: String, in folder: String = folder) throws -> JSONValue {
        try JSONParser.parse(bytes(name, in: folder))
    }

    static func ids(_ value: JSONValue?) throws -> [TokenID] {
        try #require(value?.arrayValue).map { TokenID(Int32(try #require($0.intValue))) }
    }

    static func tokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(tokenizerJSON: bytes("\(name).tokenizer.json"))
    }

    /// The vocabulary of `sentencepiece.tokenizer.json` as a weight file would state it: scores, no merges.
    static func scoredVocabulary() throws -> Vocabulary {
        let document = try json("sentencepiece.vocabulary.json")
        var vocabulary = Vocabulary(model: "llama")
        for token in try #require(document["tokens"]?.arrayValue) {
            vocabulary.tokens.append(try #require(token.stringValue).utf8)
        }
        vocabulary.types = try #require(document["types"]?.arrayValue).map { Int32($0.intValue ?? -1) }
        vocabulary.scores = try #require(document["scores"]?.arrayValue).map { Float($0.doubleValue ?? .nan) }
        vocabulary.bos = 2
        vocabulary.eos = 1
        vocabulary.unknown = 3
        vocabulary.padding = 0
        vocabulary.addsSpacePrefix = false
        return vocabulary
    }

    /// The vocabulary of a byte-level tokenizer file as a weight file would state it.
    static func listedVocabulary(_ name: String) throws -> Vocabulary {
        let document = try json("\(name).tokenizer.json")
        let tokenizer = try tokenizer(name)
        var vocabulary = Vocabulary(model: "gpt2", pre: name)
        for id in (0..<Int32(tokenizer.vocabularySize)).map({ TokenID($0) }) {
            vocabulary.tokens.append(tokenizer.piece(of: id).utf8)
            vocabulary.types.append(Int32(tokenizer.type(of: id).rawValue))
        }
        for merge in try #require(document["model"]?["merges"]?.arrayValue) {
            vocabulary.merges.append(
                try #require(merge.arrayValue).compactMap(\.stringValue).joined(separator: " ").utf8)
        }
        vocabulary.addsBOS = false
        return vocabulary
    }

    /// The texts that the goldens encode.
    static func texts() throws -> [String] {
        let cases = try #require(json("qwen2.golden.json")["encode"]?.arrayValue)
        return try cases.map { try #require($0.arrayValue?[0].stringValue) }
    }

    /// Compares a tokenizer with every case of a golden file.
    static func check(_ tokenizer: Tokenizer, _ name: String, in folder: String = folder) throws {
        let golden = try json(name, in: folder)
        let cases = try #require(golden["encode"]?.arrayValue)
        #expect(!cases.isEmpty)
        for entry in cases {
            let entry = try #require(entry.arrayValue)
            let text = try #require(entry[0].stringValue)
            let parsed = try ids(entry[1])
            let ignored = entry[2] == .null ? parsed : try ids(entry[2])
            #expect(tokenizer.encode(text, specialTokens: .parse) == parsed, "parsing \(text.debugDescription)")
            #expect(tokenizer.encode(text, specialTokens: .ignore) == ignored, "ignoring \(text.debugDescription)")
            #expect(tokenizer.encode(segments: [TemplateSegment(text: text, isTrusted: true)]) == parsed)
        }
        for entry in try #require(golden["decode"]?.arrayValue) {
            let ids = try ids(entry.arrayValue?[0])
            let text = try #require(entry.arrayValue?[1].stringValue)
            #expect(Array(try tokenizer.decode(ids).utf8) == Array(text.utf8), "decoding \(ids)")
        }
    }
}
