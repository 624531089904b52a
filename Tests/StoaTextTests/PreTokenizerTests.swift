import Foundation
import StoaCore
import Testing

@testable import StoaText

@Suite struct PreTokenizerTests {
    private static let blockSize = 4096

    /// The text of the generator's `block_text`.
    private static func text(_ block: Int) -> [UInt8] {
        var text = ""
        for value in block * blockSize..<(block + 1) * blockSize {
            guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
            let s = String(Character(scalar))
            text += "a\(s)b \(s)x '\(s) '\(s)e'r\(s)1\(s)2\n\(s)\n!\(s)! \(s)\(s)  \(s)"
        }
        return Array(text.utf8)
    }

    private static func digest(_ pre: PreTokenizer, _ block: Int) -> String {
        let text = text(block)
        var lengths: [UInt8] = []
        pre.split(ScalarScanner(text), 0..<text.count) { word in
            withUnsafeBytes(of: UInt32(word.count).littleEndian) { lengths.append(contentsOf: $0) }
        }
        return String(SHA256Digest(hashing: lengths).description.prefix(16))
    }

    /// Whether a block holds scalars of one kind and one length only, so that its text splits like any other such.
    private static func uniformKind(_ block: Int) -> ScalarKind? {
        let lateDigits = Int(ScalarClassTable.lateDigits[0])..<0x17000
        let range = block * blockSize..<(block + 1) * blockSize
        guard range.lowerBound >= 0x3000, range.lowerBound != 0xD000, !range.overlaps(lateDigits) else { return nil }
        let first = ScalarKinds.shared[UInt32(range.lowerBound)]
        return range.allSatisfy { ScalarKinds.shared[UInt32($0)] == first } ? first : nil
    }

    private struct Shape: Hashable {
        let kind: ScalarKind
        let length: Int
    }

    @Test(arguments: ["smollm", "gpt-2", "llama-bpe", "qwen2"])
    func `split points are the reference's around every scalar`(_ name: String) throws {
        let pre = try #require(PreTokenizer(name: name))
        let hashes = try #require(try Goldens.json("splits.json")[name]?.arrayValue)
        #expect(hashes.count == 0x110000 / Self.blockSize)
        var known: [Shape: String] = [:]
        for (block, hash) in hashes.enumerated() {
            let shape = Self.uniformKind(block).map { Shape(kind: $0, length: block < 16 ? 3 : 4) }
            let digest = shape.flatMap { known[$0] } ?? Self.digest(pre, block)
            if let shape { known[shape] = digest }
            #expect(digest == hash.stringValue, "block from U+\(String(block << 12, radix: 16))")
        }
    }

    @Test(arguments: PreTokenizer.allCases)
    func `words cover a text without gaps`(_ pre: PreTokenizer) throws {
        for text in try Goldens.texts() {
            let bytes = Array(text.utf8)
            var end = 0
            pre.split(ScalarScanner(bytes), 0..<bytes.count) { word in
                #expect(word.lowerBound == end)
                #expect(!word.isEmpty)
                end = word.upperBound
            }
            #expect(end == bytes.count)
        }
    }
}
