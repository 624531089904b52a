import OrderedCollections
import StoaCore
import StoaTestKit
import Testing

/// The scanner against the parser: what one accepts, finds and refuses, the other does.
@Suite(.timeLimit(.minutes(30))) struct JSONScannerTests {
    private typealias Scanner = JSONScanner<JSONError>

    private static func scan<Result>(
        _ bytes: [UInt8], _ body: (inout JSONScanner<JSONError>) throws(JSONError) -> Result
    ) throws(JSONError) -> Result {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            var scanner = Scanner(UnsafeRawBufferPointer(buffer)) { $0 }
            return try body(&scanner)
        }
    }

    private static func error<Result>(
        _ text: String, _ body: (inout JSONScanner<JSONError>) throws(JSONError) -> Result
    ) -> String? {
        error(Array(text.utf8), body)
    }

    private static func error<Result>(
        _ bytes: [UInt8], _ body: (inout JSONScanner<JSONError>) throws(JSONError) -> Result
    ) -> String? {
        do {
            _ = try scan(bytes, body)
            return nil
        } catch {
            return "\(error.reason) at byte \(error.offset)"
        }
    }

    /// Builds a value out of what walking finds.
    private static func walk(_ scanner: inout JSONScanner<JSONError>, depth: Int = 0) throws(JSONError) -> JSONValue {
        guard depth < 64 else { throw scanner.failure("nesting deeper than 64 levels") }
        if scanner.isNext("[") {
            var elements: [JSONValue] = []
            try scanner.elements { scanner throws(JSONError) in
                elements.append(try walk(&scanner, depth: depth + 1))
            }
            return .array(elements)
        }
        guard scanner.isNext("{") else { return try scanner.value() }
        var members: [(String, JSONValue)] = []
        try scanner.decodedMembers { scanner, key throws(JSONError) in
            members.append((String(decoding: key, as: UTF8.self), try walk(&scanner, depth: depth + 1)))
        }
        return .object(OrderedDictionary(members) { $1 })
    }

    @Test(arguments: 0..<2000 as Range<UInt64>)
    func `walking, skipping and parsing agree on damaged documents`(_ seed: UInt64) {
        let seeds = JSONFuzzTests.seeds
        var mutator = Mutator(seed: seed, vocabulary: JSONFuzzTests.words)
        let bytes = mutator.mutate(Array(seeds[Int(seed) % seeds.count].utf8))
        let parsed = try? JSONParser.parse(bytes)
        let walked = try? Self.scan(bytes) { scanner throws(JSONError) in
            let value = try Self.walk(&scanner)
            guard scanner.peek() == nil else { throw scanner.failure("unexpected text after the document") }
            return value
        }
        if let walked { #expect(walked == parsed) }
        if let parsed {
            let skipped = try? Self.scan(bytes) { scanner throws(JSONError) in
                try scanner.skipValue()
                return scanner.peek() == nil
            }
            #expect(skipped == true)
            // Keys with half a surrogate pair are repaired by the parser and refused by the scanner.
            let isRepaired = parsed.text.contains("\u{FFFD}")
            #expect(walked == parsed || isRepaired)
        }
    }

    @Test(arguments: 0..<500 as Range<UInt64>)
    func `strings have the parser's text and a range that spells it`(_ seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let pieces = [
            "a", "é", "日", "😀", #"\""#, #"\\"#, #"\/"#, #"\n"#, #"\u00e9"#, #"\ud83d\ude00"#, "e\u{301}", " ",
        ]
        let body = (0..<Int.random(in: 0..<12, using: &generator)).map { _ in
            pieces.randomElement(using: &generator) ?? ""
        }.joined()
        let document = Array(" \"\(body)\"".utf8)
        let expected = try #require(JSONParser.parse(document).stringValue)
        #expect(try Self.scan(document) { scanner throws(JSONError) in try scanner.string(atMost: 200) } == expected)
        var bytes: [UInt8] = [7]
        try Self.scan(document) { scanner throws(JSONError) in try scanner.string(into: &bytes) }
        #expect(bytes == [7] + expected.utf8)
        let range = try Self.scan(document) { scanner throws(JSONError) in try scanner.rawString() }
        #expect(document[range].elementsEqual(body.utf8))
    }

    @Test func `strings that differ in their normal form only stay apart`() throws {
        var keys: [[UInt8]] = []
        try Self.scan(Array("{\"é\":1,\"e\u{301}\":2}".utf8)) { scanner throws(JSONError) in
            try scanner.decodedMembers { scanner, key throws(JSONError) in
                keys.append(key)
                _ = try scanner.unsigned()
            }
        }
        #expect(keys == [Array("é".utf8), Array("e\u{301}".utf8)])
        #expect(Set(keys).count == 2)
    }

    @Test(arguments: [
        ("0", 0), (" 17 ", 17), ("9223372036854775807", Int.max), ("5,6", 5), ("5.5", 5), ("1e3", 1),
    ])
    func `digits are read as far as they go`(_ text: String, _ value: Int) throws {
        #expect(try Self.scan(Array(text.utf8)) { scanner throws(JSONError) in try scanner.unsigned() } == value)
    }

    @Test(arguments: [
        ("-1", "expected an id at byte 0"), ("\n 01", "expected an id at byte 2"), ("", "expected an id at byte 0"),
        ("true", "expected an id at byte 0"), (" 9223372036854775808", "integer too large at byte 1"),
        ("99999999999999999999999999", "integer too large at byte 0"),
    ])
    func `what is no integer from 0 on is refused at its beginning`(_ text: String, _ message: String) {
        #expect(Self.error(text) { scanner throws(JSONError) in try scanner.unsigned("an id") } == message)
    }

    @Test(arguments: [
        (#"{"a" 1}"#, "expected ':' at byte 5"), (#"{"a":1"#, "expected '}' at byte 6"),
        ("[1 2]", "expected ']' at byte 3"),
        (#"{"a":1,}"#, "expected '\"' at byte 7"), ("[1,]", "unexpected character, expected a value at byte 3"),
        ("[\"a", "string without an end at byte 3"), ("[\"a\\", "string without an end at byte 4"),
        ("[\"\u{1}\"]", "control character in a string at byte 2"),
        ("[nul]", "unexpected word, expected null at byte 1"),
        ("", "unexpected end, expected a value at byte 0"), ("[01]", "a number may not start with 0 at byte 1"),
    ])
    func `what cannot be skipped is refused with its place`(_ text: String, _ message: String) {
        #expect(Self.error(text) { scanner throws(JSONError) in try scanner.skipValue() } == message)
    }

    @Test(arguments: [
        (#""\ud800""#, "lone surrogate in a string at byte 1"), (#""a\udc00""#, "lone surrogate in a string at byte 2"),
        (#""\ud800\u0041""#, "lone surrogate in a string at byte 1"),
        (#""\x""#, "unknown escape in a string at byte 2"),
        (#""\u12g4""#, "expected four hexadecimal digits at byte 5"), (#"  "abc"#, "string without an end at byte 2"),
        ("7", "expected '\"' at byte 0"),
    ])
    func `a string that is none is refused with its place`(_ text: String, _ message: String) {
        var buffer: [UInt8] = []
        #expect(Self.error(text) { scanner throws(JSONError) in try scanner.string(into: &buffer) } == message)
    }

    @Test func `errors of a value count lines from the document's beginning`() {
        let text = "{\n \"a\": [1,\n  nul]}"
        let error = #expect(throws: JSONError.self) {
            try Self.scan(Array(text.utf8)) { scanner throws(JSONError) in
                try scanner.decodedMembers { scanner, _ throws(JSONError) in _ = try scanner.value() }
            }
        }
        #expect(error?.line == 3)
        #expect(error?.column == 3)
    }

    @Test func `towers are refused at the depth that is the bound`() {
        let bound = Scanner.maximumDepth
        func tower(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        let deepest = Self.error(tower(bound)) { scanner throws(JSONError) in try scanner.skipValue() }
        #expect(deepest == nil)
        for text in [tower(bound + 1), String(repeating: "[", count: 1_000_000)] {
            let message = Self.error(text) { scanner throws(JSONError) in try scanner.skipValue() }
            #expect(message == "nesting deeper than \(bound) levels at byte \(bound)")
        }
        let object = String(repeating: "{\"a\":", count: 1_000_000)
        #expect(Self.error(object) { scanner throws(JSONError) in try scanner.skipValue() } != nil)
        #expect(Self.error(object) { scanner throws(JSONError) in try scanner.value() } != nil)
    }

    @Test func `a long string is refused before it is copied`() {
        let bytes = Array("\"\(String(repeating: "x", count: 1 << 20))\"".utf8)
        var message: String?
        let peak = peakAllocation {
            message = Self.error(bytes) { scanner throws(JSONError) in try scanner.string(atMost: 1 << 16) }
        }
        #expect(message == "string of 1048576 bytes at byte 1048578")
        if let peak { #expect(peak < 4096) }
    }

    @Test func `walking and skipping a long document hold nothing`() {
        let entries = (0..<20_000).map { "\"key\($0)\":{\"shape\":[\($0),2],\"x\":[true,null,-1.5e3,\"a\\n\"]}" }
        let bytes = Array("{\(entries.joined(separator: ","))}".utf8)
        var count = 0
        let peak = peakAllocation {
            try? Self.scan(bytes) { scanner throws(JSONError) in
                try scanner.members { scanner, _ throws(JSONError) in
                    try scanner.skipValue()
                    count += 1
                }
            }
        }
        #expect(count == 20_000)
        if let peak { #expect(peak < 4096, "held \(peak)") }
    }
}
