import Foundation
import StoaCore
import Testing

/// A text in pieces has the block that the whole has, as soon as it can be told and no sooner.
@Suite struct FenceScannerTests {
    /// A text of the characters that matter, with many near misses.
    private static func text(_ seed: UInt64) -> [UInt8] {
        let stream = RandomStream(seed: seed).child("fences")
        let parts = [
            "`", "`", "``", "```", "```", "````", "~~~", "~", "\n", "\n", "\n", "\n", "\r\n", "\r", " ", "  ", "    ",
            "\t", "py",
            "python", "json", "Python", "x", "é", "print(1)", "```python\n", "\n```\n", "~~~ py\n",
        ]
        let count = stream.integer(at: 0, below: 30)
        return (0..<count).flatMap { Array(parts[stream.integer(at: UInt64($0 + 1), below: parts.count)].utf8) }
    }

    private struct Outcome: Equatable {
        var match: FenceScanner.Match?
        var isOpen: Bool
    }

    private static func scan(_ pieces: [ArraySlice<UInt8>], _ syntax: FenceSyntax) -> Outcome {
        var scanner = FenceScanner(syntax)
        for piece in pieces { _ = scanner.feed(piece) }
        let match = scanner.finish()
        #expect(scanner.match == match)
        return Outcome(match: match, isOpen: scanner.isOpen)
    }

    @Test(arguments: 0..<600 as Range<UInt64>, FenceSyntax.allCases)
    func `every way to cut a text in two, and single bytes, give what the whole gives`(
        _ seed: UInt64, _ syntax: FenceSyntax
    ) {
        let text = Self.text(seed)
        let whole = Self.scan([text[...]], syntax)
        for place in 0...text.count {
            #expect(Self.scan([text[..<place], text[place...]], syntax) == whole, "cut at \(place)")
        }
        #expect(Self.scan(text.indices.map { text[$0...$0] }, syntax) == whole)
    }

    @Test(arguments: 0..<600 as Range<UInt64>, FenceSyntax.allCases)
    func `a block is found with the byte that makes it certain`(_ seed: UInt64, _ syntax: FenceSyntax) {
        let text = Self.text(seed)
        var scanner = FenceScanner(syntax)
        var end: Int?
        for (index, byte) in text.enumerated() where scanner.feed(CollectionOfOne(byte)) != nil {
            end = index + 1
            break
        }
        guard let end, let match = scanner.match else {
            // What is certain only at the end of the text would not be so if a letter followed.
            guard let last = scanner.finish() else { return }
            #expect(last.end == text.count)
            #expect(FenceScan(String(decoding: text + Array("x".utf8), as: UTF8.self), syntax).block == nil)
            return
        }
        #expect(match.end == end)
        let block = match.block(in: Array(text[..<end]))
        // Never too early: whatever follows, it stays this block.
        for next in ["", "x", "`", "```", "\n", " ", "python", "\n```\n"] {
            let longer = String(decoding: text[..<end], as: UTF8.self) + next
            #expect(FenceScan(longer, syntax).block == block)
        }
        // Never too late: one byte earlier a letter would have made the line code.
        let shorter = String(decoding: text[..<(end - 1)], as: UTF8.self) + "x"
        #expect(FenceScan(shorter, syntax).block != block)
    }

    // MARK: - Against plain readings of the rules

    /// The lines of a text with the place of each; `\r\n` is one ending.
    private static func lines(_ text: [UInt8]) -> [(start: Int, bytes: [UInt8])] {
        var lines: [(start: Int, bytes: [UInt8])] = [(0, [])]
        var place = 0
        while place < text.count {
            let byte = text[place]
            place += 1
            guard byte == 10 || byte == 13 else {
                lines[lines.count - 1].bytes.append(byte)
                continue
            }
            if byte == 13, place < text.count, text[place] == 10 { place += 1 }
            lines.append((place, []))
        }
        return lines
    }

    /// CommonMark 0.31.2, section 4.5, sentence by sentence, line by line.
    private static func strictReference(_ text: [UInt8]) -> (code: String, range: Range<Int>)? {
        struct Open {
            var fence: String
            var indentation: Int
            var start: Int
            var language: String
            var code: [String] = []
        }
        var open: Open?
        for line in lines(text) {
            let words = String(decoding: line.bytes, as: UTF8.self)
            let indentation = words.prefix { $0 == " " }.count
            let rest = words.dropFirst(indentation)
            let fence = rest.prefix { $0 == rest.first }
            let isFence = indentation <= 3 && fence.count >= 3 && (fence.first == "`" || fence.first == "~")
            let info = rest.dropFirst(fence.count).trimmingCharacters(in: CharacterSet(charactersIn: " \t"))
            if var block = open {
                if isFence, fence.first == block.fence.first, fence.count >= block.fence.count, info.isEmpty {
                    let end = line.start + indentation + fence.count
                    if ["", "py", "python", "python3"].contains(block.language) {
                        return (block.code.joined(separator: "\n"), block.start..<end)
                    }
                    open = nil
                } else {
                    var content = Substring(words)
                    var column = 0
                    while column < block.indentation, let first = content.first, first == " " || first == "\t" {
                        content.removeFirst()
                        guard first == "\t" else {
                            column += 1
                            continue
                        }
                        content = String(repeating: " ", count: 4 - block.indentation) + content
                        break
                    }
                    block.code.append(String(content))
                    open = block
                }
            } else if isFence, fence.first == "~" || !info.contains("`") {
                let language = info.split { $0 == " " || $0 == "\t" }.first.map { $0.lowercased() } ?? ""
                open = Open(
                    fence: String(fence), indentation: indentation, start: line.start + indentation, language: language)
            }
        }
        return nil
    }

    @Test(arguments: 0..<2000 as Range<UInt64>)
    func `the strict syntax is CommonMark's, read line by line`(_ seed: UInt64) {
        let text = Self.text(seed)
        let expected = Self.strictReference(text)
        let found = FenceScan(String(decoding: text, as: UTF8.self), .strict).block
        #expect(found?.code == expected?.code)
        #expect(found?.range == expected?.range)
    }

    @Test(arguments: 0..<2000 as Range<UInt64>)
    func `SimpleTIR's syntax is its regular expression`(_ seed: UInt64) throws {
        let text = String(decoding: Self.text(seed), as: UTF8.self)
        // Not a dot: here it would take `\r\n` for one character, which Python's does not.
        let expression = try NSRegularExpression(pattern: "```(?:py|python)?\\n([\\s\\S]*?)\\n```")
        let units = Array(text.utf16)
        let match = expression.firstMatch(in: text, range: NSRange(location: 0, length: units.count))
        func part(_ range: NSRange) -> String {
            String(decoding: units[range.location..<range.location + range.length], as: UTF16.self)
        }
        let found = FenceScan(text, .simpletir).block
        #expect(found?.code == match.map { part($0.range(at: 1)) })
        #expect(
            found.map { String(decoding: Array(text.utf8)[$0.range], as: UTF8.self) } == match.map { part($0.range) })
    }

    @Test(.timeLimit(.minutes(30)))
    func `a long text of near misses takes time in proportion, and what is kept does not grow`() {
        for syntax in FenceSyntax.allCases {
            var scanner = FenceScanner(syntax)
            let piece = Array(String(repeating: "````pythonpython ``\n``\n", count: 500).utf8)
            for _ in 0..<100 { _ = scanner.feed(piece) }
            #expect(scanner.finish() == nil)
        }
        #expect(MemoryLayout<FenceScanner>.size < 512)
    }
}
