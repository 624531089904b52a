import Testing

@testable import StoaSandbox

@Suite struct OutputTextTests {
    @Test(arguments: [0, 1, 7, 40, 41, 100, 4096]) func `a text never has more bytes than the limit`(limit: Int) {
        let patterns: [[UInt8]] = [
            Array(repeating: 0xFF, count: 10_000), Array(String(repeating: "é😀", count: 3000).utf8),
            Array(repeating: 0, count: 50), [],
        ]
        for pattern in patterns {
            let ring = limit / 2
            let cut = pattern.count > limit
            let head = cut ? Array(pattern.prefix(limit - ring)) : pattern
            let text = OutputText(
                head: head, tail: cut ? Array(pattern.suffix(ring)) : [], total: UInt64(pattern.count), limit: limit)
            #expect(text.text.utf8.count <= limit)
            #expect(text.bytes == UInt64(pattern.count))
            #expect(!cut || text.isTruncated)
        }
    }

    @Test func `a text that fits is whole, and a longer one keeps its start and its end`() {
        let whole = OutputText(head: Array("grüße\n".utf8), tail: [], total: 8, limit: 8)
        #expect(whole.text == "grüße\n" && !whole.isTruncated && !whole.isLossy)
        let long = OutputText(
            head: Array(repeating: 0x61, count: 50), tail: Array(repeating: 0x62, count: 50), total: 1000, limit: 100)
        #expect(long.isTruncated && long.text.hasPrefix("aaaa") && long.text.hasSuffix("bbbb"))
        #expect(long.text.contains("\n... 1000 bytes in all ...\n"))
    }

    @Test func `bytes that are no text become the replacement character`() {
        let text = OutputText(head: [0x61, 0xFF, 0x62], tail: [], total: 3, limit: 100)
        #expect(text.text == "a\u{FFFD}b" && text.isLossy)
    }
}
