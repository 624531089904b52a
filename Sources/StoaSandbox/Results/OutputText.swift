/// What a stream printed, as valid text of bounded length.
public struct OutputText: Sendable, Hashable {
    /// The text: whole, or its start, a marker and its end.
    public var text = ""
    /// How many bytes were printed.
    public var bytes: UInt64 = 0
    /// Whether the text is not all of it.
    public var isTruncated = false
    /// Whether bytes that are no UTF-8 became U+FFFD.
    public var isLossy = false

    /// Creates an empty text.
    public init() {}

    /// Makes text of the start and the end of a stream.
    ///
    /// - Parameters:
    ///   - head: its first bytes; all of them where nothing is missing.
    ///   - tail: its last bytes; empty where nothing is missing.
    ///   - total: how many there were.
    ///   - limit: the most bytes of UTF-8 that the text may have, marker included.
    public init(head: [UInt8], tail: [UInt8], total: UInt64, limit: Int) {
        bytes = total
        let whole = UInt64(head.count + tail.count) == total
        let kept = head + (whole ? tail : [])
        let text = Self.repaired(kept)
        isLossy = !Self.isValid(kept)
        // A byte that is no UTF-8 becomes three: what fitted as bytes may not fit as text.
        if whole, text.utf8.count <= limit {
            self.text = text
            return
        }
        isTruncated = true
        let marker = "\n... \(total) bytes in all ...\n"
        let room = limit - marker.utf8.count
        guard room > 0 else {
            self.text = Self.prefix(text, limit)
            return
        }
        let start = Self.prefix(text, room - room / 2)
        let end = Self.suffix(whole ? text : Self.repaired(Self.fromCharacter(tail)), room / 2)
        self.text = start + marker + end
    }

    private static func isValid(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    private static func repaired(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The bytes from the first start of a character on: a tail begins anywhere.
    private static func fromCharacter(_ bytes: [UInt8]) -> [UInt8] {
        let torn = bytes.prefix(3).prefix { $0 & 0xC0 == 0x80 }.count
        return Array(bytes.dropFirst(torn))
    }

    private static func prefix(_ text: String, _ count: Int) -> String {
        guard text.utf8.count > count else { return text }
        var bytes = Array(text.utf8.prefix(max(0, count)))
        while !bytes.isEmpty, !isValid(bytes) { bytes.removeLast() }
        return repaired(bytes)
    }

    private static func suffix(_ text: String, _ count: Int) -> String {
        repaired(fromCharacter(Array(text.utf8.suffix(max(0, count)))))
    }
}
