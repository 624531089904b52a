import StoaCore
import StoaTestKit
import Testing

@testable import StoaText

@Suite struct NFCNormalizerTests {
    private func normal(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return NFCNormalizer.shared.normalize(bytes, 0..<bytes.count) ?? bytes
    }

    private func digest(_ bytes: [UInt8]) -> String { String(SHA256Digest(hashing: bytes).description.prefix(16)) }

    @Test func `every scalar between marks has the reference's normal form`() throws {
        let hashes = try #require(try Goldens.json("nfc.json")["scalars"]?.arrayValue)
        for (block, hash) in hashes.enumerated() {
            var output: [UInt8] = []
            for value in block * 4096..<(block + 1) * 4096 {
                guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
                output += normal("e\(scalar)\u{301}\(scalar)\u{323}x\u{345}\(scalar)")
            }
            #expect(digest(output) == hash.stringValue, "block from U+\(String(block << 12, radix: 16))")
        }
    }

    @Test func `random sequences of marks have the reference's normal form`() throws {
        let golden = try Goldens.json("nfc.json")
        var pool: [Unicode.Scalar] = []
        for run in try #require(golden["pool"]?.arrayValue) {
            let start = try #require(run.arrayValue?[0].intValue)
            let count = try #require(run.arrayValue?[1].intValue)
            for value in start..<start + count { pool.append(try #require(Unicode.Scalar(UInt32(value)))) }
        }
        var generator = SplitMix(seed: 7)
        var lines: [UInt8] = []
        for index in 0..<20000 {
            var text = ""
            for _ in 0..<1 + generator.next() % 8 {
                text.unicodeScalars.append(pool[Int(generator.next() % UInt64(pool.count))])
            }
            if index > 0 { lines.append(0x0A) }
            lines += normal(text)
        }
        #expect(digest(lines) == golden["random"]?.stringValue)
    }

    @Test func `a normal form is its own normal form`() throws {
        for text in try Goldens.texts() {
            let once = normal(text)
            #expect(normal(String(decoding: once, as: UTF8.self)) == once)
        }
    }

    @Test(.timeLimit(.minutes(30))) func `a long run of marks is sorted without a square of its length`() {
        let marks = String(repeating: "\u{301}\u{323}", count: 100_000)
        #expect(normal("q" + marks).count == 1 + marks.utf8.count)
    }
}
