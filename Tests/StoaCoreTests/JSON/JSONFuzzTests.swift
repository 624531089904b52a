import Foundation
import StoaCore
import StoaTestKit
import Testing

/// Mutated documents: whatever the bytes are, the parser answers with a value or with a place.
@Suite(.timeLimit(.minutes(30))) struct JSONFuzzTests {
    static let seeds: [String] = [
        #"{"a":[1,-2.5e10,true,false,null,"x\n\u00e9\ud83d\ude00"],"b":{"c":{}},"d":[[],[[]],{"e":[0.1,1e-7]}]}"#,
        #"[{"id":12345678901234567890,"logprob":-0.000123,"top":[{"id":1,"logprob":-1E+3}]},"\\\"\/\b\f\r\t"]"#,
        "  [ \n\t1 ,\r\n 2 , { \"k\" : \"…é…\" } ] ", #""\ud800\udc00\ud800""#, "-0.0e-0",
    ]
    /// Characters and words that matter to the grammar, and some that must not occur.
    static let words: [String] =
        "{}[]\",:\\/-+.eE0123456789tfnu \n\0\u{1F}\u{7F}\u{80}é".unicodeScalars.map { String($0) } + [
            "[[", "}}", "null", "true", "\\u", "\\ud800", "1e999", "-0", "\":",
        ]

    @Test(arguments: 0..<2000 as Range<UInt64>)
    func `a mutated document is a value or an error with a place, never a crash`(_ seed: UInt64) throws {
        var mutator = Mutator(seed: seed, vocabulary: Self.words)
        let bytes = mutator.mutate(Array(Self.seeds[Int(seed) % Self.seeds.count].utf8))
        let outcome = Result { () throws(JSONError) in try JSONParser.parse(bytes) }
        // Foundation's parser takes more than the standard does in a few places, never less: what is not UTF-8, too
        // large or too deep aside, it must accept what ours accepts.
        switch outcome {
        case .success(let value):
            #expect(try JSONParser.parse(value.text).text == value.text)
            #expect(String(validating: bytes, as: UTF8.self) != nil)
            #expect(throws: Never.self) {
                try JSONSerialization.jsonObject(with: Data(value.canonicalText.utf8), options: .fragmentsAllowed)
            }
        case .failure(let error):
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            #expect((1...lines.count).contains(error.line))
            #expect((1...(lines[error.line - 1].count + 1)).contains(error.column))
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `every prefix of a document is an error or a value`(_ seed: UInt64) {
        let text = Array(Self.seeds[Int(seed) % Self.seeds.count].utf8)
        let prefix = text.prefix(Int(seed) * 7 % (text.count + 1))
        let outcome = Result { () throws(JSONError) in try JSONParser.parse(prefix) }
        if case .failure(let error) = outcome { #expect(!error.message.isEmpty) }
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
        "[" + String(repeating: "1,", count: 200_000), "\"" + String(repeating: "\\u0041", count: 100_000),
        String(repeating: "9", count: 1_000_000), "1e" + String(repeating: "9", count: 100_000),
        "0." + String(repeating: "0", count: 500_000) + "1",
        "[" + String(repeating: "\n", count: 1_000_000) + "x",
    ])
    func `hostile sizes end quickly`(_ text: String) {
        let outcome = Result { () throws(JSONError) in try JSONParser.parse(text) }
        switch outcome {
        case .success(let value): #expect(value.doubleValue == 0)
        case .failure(let error): #expect(error.kind == .badInput)
        }
    }
}
