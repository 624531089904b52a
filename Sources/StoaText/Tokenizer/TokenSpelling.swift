/// What each token of a vocabulary stands for, in bytes.
struct TokenSpelling {
    /// The bytes of each token.
    private(set) var bytes = PackedStrings()
    /// For each id the byte of a SentencePiece byte token, or -1.
    private(set) var fallbackBytes: [Int16]
    /// For each byte its SentencePiece byte token, or -1.
    private(set) var byteTokens = [Int32](repeating: -1, count: 256)

    init(_ blueprint: TokenizerBlueprint) throws(TokenizerError) {
        let tokens = blueprint.tokens
        fallbackBytes = []
        bytes.reserveCapacity(count: tokens.count, bytes: tokens.bytes.count)
        switch blueprint.spelling {
        case .byteLevel: spellByteLevel(tokens, blueprint.types)
        case .sentencePiece: try spellSentencePiece(tokens, blueprint.types, blueprint.index)
        }
    }

    private mutating func spellByteLevel(_ tokens: PackedStrings, _ types: [TokenType]) {
        var buffer: [UInt8] = []
        for id in 0..<tokens.count {
            buffer.removeAll(keepingCapacity: true)
            // A text that is not in the alphabet, and one that is matched as it stands, stands for itself.
            if types[id].isMatched || !ByteAlphabet.decode(tokens.bytes, tokens.range(id), into: &buffer) {
                bytes.append(tokens[id])
            } else {
                bytes.append(buffer)
            }
        }
    }

    private mutating func spellSentencePiece(
        _ tokens: PackedStrings, _ types: [TokenType], _ index: TokenIndex
    ) throws(TokenizerError) {
        fallbackBytes = [Int16](repeating: -1, count: tokens.count)
        var buffer: [UInt8] = []
        for id in 0..<tokens.count {
            let text = tokens[id]
            if types[id] == .byte {
                guard let byte = Self.byteToken(text) else {
                    throw TokenizerError(
                        .invalidVocabulary, "byte token \(id) is \(tokens.quoted(id)), expected <0x00> to <0xFF>")
                }
                fallbackBytes[id] = Int16(byte)
                byteTokens[Int(byte)] = Int32(id)
                bytes.append(CollectionOfOne(byte))
                continue
            }
            buffer.removeAll(keepingCapacity: true)
            var place = text.startIndex
            while place < text.endIndex {
                if SpaceMark.begins(text, at: place) {
                    buffer.append(0x20)
                    place += SpaceMark.count
                } else {
                    buffer.append(text[place])
                    place += 1
                }
            }
            bytes.append(buffer)
        }
        // An ASCII character that is a token itself is never spelt by its byte: Gemma 1 has a tab for <0x09>.
        let missing = (0..<256 as Range<Int>).first { byte in
            guard byteTokens[byte] < 0 else { return false }
            let own = byte < 128 ? index.find([UInt8(byte)], 0..<1) : nil
            return own.map { !types[Int($0)].isSpelled } ?? true
        }
        if let missing {
            throw TokenizerError(
                .invalidVocabulary, "the vocabulary has no token for byte \(missing)",
                hint: "A SentencePiece vocabulary needs the byte tokens <0x00> to <0xFF>, with type 6.")
        }
    }

    /// The byte that a text of the form `<0x0A>` names.
    static func byteToken(_ text: ArraySlice<UInt8>) -> UInt8? {
        let text = Array(text)
        guard text.count == 6, text.starts(with: "<0x".utf8), text[5] == UInt8(ascii: ">") else { return nil }
        func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        guard let high = digit(text[3]), let low = digit(text[4]) else { return nil }
        return high << 4 | low
    }
}

/// U+2581, which stands for a space in SentencePiece vocabularies.
enum SpaceMark {
    /// Its UTF-8.
    static let bytes: [UInt8] = [0xE2, 0x96, 0x81]
    /// The number of its bytes.
    static let count = 3

    /// Whether it stands at `index`.
    @inline(__always)
    static func begins(_ text: ArraySlice<UInt8>, at index: Int) -> Bool {
        index + 2 < text.endIndex && text[index] == 0xE2 && text[index + 1] == 0x96 && text[index + 2] == 0x81
    }

    /// Whether it stands at `index`.
    @inline(__always)
    static func begins(_ text: [UInt8], at index: Int) -> Bool {
        index + 2 < text.count && text[index] == 0xE2 && text[index + 1] == 0x96 && text[index + 2] == 0x81
    }
}
