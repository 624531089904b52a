/// Counts aliases before a file is parsed.
///
/// The parser copies what an alias stands for and compares keys deeply, so a few lines of nested aliases can stand for
/// more than fits any memory. With few aliases the growth is bounded: k of them make a document at most e^(k/e) times
/// larger.
enum YAMLAliases {
    /// The most aliases of a file.
    static let limit = 10

    /// How many aliases a text may have: those that name an anchor which is somewhere in the text.
    ///
    /// A `*word*` in a prompt counts only if there is also an `&word`.
    static func count(in bytes: [UInt8]) -> Int {
        let anchors = Set(names(after: UInt8(ascii: "&"), in: bytes))
        guard !anchors.isEmpty else { return 0 }
        return names(after: UInt8(ascii: "*"), in: bytes).count { anchors.contains($0) }
    }

    private static func names(after marker: UInt8, in bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var names: [ArraySlice<UInt8>] = []
        for (index, byte) in bytes.enumerated() where byte == marker {
            let name = bytes[(index + 1)...].prefix(64).prefix(while: isNamePart)
            if !name.isEmpty { names.append(name) }
        }
        return names
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
