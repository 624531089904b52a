/// How a text becomes symbols before any merge, and where it may be cut.
enum Speller: Sendable {
    case byteLevel(ByteLevelSpeller)
    case sentencePiece(SentencePieceSpeller)

    init(_ blueprint: TokenizerBlueprint, _ spelling: TokenSpelling) throws(TokenizerError) {
        switch blueprint.spelling {
        case .byteLevel(let pre): self = .byteLevel(try ByteLevelSpeller(blueprint, pre))
        case .sentencePiece(let addsSpacePrefix):
            self = .sentencePiece(SentencePieceSpeller(blueprint, spelling, addsSpacePrefix: addsSpacePrefix))
        }
    }
}

/// Byte-level BPE: words by a pre-tokenizer, one symbol per byte.
struct ByteLevelSpeller: Sendable {
    let pre: PreTokenizer
    /// The token of each byte, or -1 where the vocabulary has none.
    private var byteTokens: [Int32] = []
    /// Whole words, where they go before merges.
    private var words: TokenIndex?
    private var wordIDs: [Int32] = []
    private let unknown: Int32?
    private let fusesUnknown: Bool

    init(_ blueprint: TokenizerBlueprint, _ pre: PreTokenizer) throws(TokenizerError) {
        self.pre = pre
        unknown = blueprint.unknownSymbol
        fusesUnknown = blueprint.fusesUnknown
        var text: [UInt8] = []
        for scalar in ByteAlphabet.scalars {
            text.removeAll(keepingCapacity: true)
            UTF8Scalars.append(scalar, to: &text)
            let id = blueprint.index.find(text, 0..<text.count) ?? -1
            byteTokens.append(id >= 0 && blueprint.types[Int(id)].isSpelled ? id : -1)
        }
        guard byteTokens.contains(where: { $0 >= 0 }) else {
            throw TokenizerError(
                .invalidVocabulary, "the vocabulary has no token for any byte",
                hint: "A byte-level vocabulary spells bytes in GPT-2's printable alphabet.")
        }
        if blueprint.takesWholeWords { try indexWords(blueprint) }
    }

    private mutating func indexWords(_ blueprint: TokenizerBlueprint) throws(TokenizerError) {
        var strings = PackedStrings()
        strings.reserveCapacity(count: blueprint.tokens.count, bytes: blueprint.tokens.bytes.count)
        var buffer: [UInt8] = []
        let outside = Set(blueprint.outside.values)
        for id in 0..<blueprint.tokens.count where blueprint.types[id].isSpelled && !outside.contains(Int32(id)) {
            buffer.removeAll(keepingCapacity: true)
            let range = blueprint.tokens.range(id)
            guard ByteAlphabet.decode(blueprint.tokens.bytes, range, into: &buffer) else { continue }
            strings.append(buffer)
            wordIDs.append(Int32(id))
        }
        var index = TokenIndex(over: strings, capacity: strings.count)
        for word in 0..<strings.count {
            guard case .inserted = index.insert(word) else {
                throw TokenizerError(.invalidVocabulary, "the tokens' texts collide too often to be indexed")
            }
        }
        words = index
    }

    /// Appends the ids of `bytes[range]`, which is valid UTF-8.
    func encode<Rule: MergeRule>(
        _ scanner: ScalarScanner, _ range: Range<Int>, _ merger: inout BytePairMerger<Rule>, into output: inout [Int32]
    ) {
        pre.split(scanner, range) { word in
            if let words, let id = words.find(scanner.bytes, word) {
                output.append(wordIDs[Int(id)])
                return
            }
            let start = output.count
            for place in word {
                let id = byteTokens[Int(scanner.bytes[place])]
                if id >= 0 {
                    output.append(id)
                } else if let unknown, !(fusesUnknown && output.count > start && output.last == unknown) {
                    output.append(unknown)
                }
            }
            merger.merge(&output, from: start)
        }
    }
}

/// SentencePiece BPE: one symbol per character, spaces as U+2581, byte tokens for characters without a token.
struct SentencePieceSpeller: Sendable {
    private let index: TokenIndex
    private let types: [TokenType]
    private let byteTokens: [Int32]
    private let addsSpacePrefix: Bool
    /// The token of each ASCII character, or -1.
    private var asciiTokens: [Int32] = []
    /// Whether some token holds this byte right before a U+2581 that does not begin a run of them.
    private var joinsSpace = [Bool](repeating: false, count: 256)

    init(_ blueprint: TokenizerBlueprint, _ spelling: TokenSpelling, addsSpacePrefix: Bool) {
        index = blueprint.index
        types = blueprint.types
        byteTokens = spelling.byteTokens
        self.addsSpacePrefix = addsSpacePrefix
        for byte in 0..<128 as Range<UInt8> {
            let id = index.find([byte], 0..<1) ?? -1
            asciiTokens.append(id >= 0 && types[Int(id)].isSpelled ? id : -1)
        }
        let tokens = blueprint.tokens
        for id in 0..<tokens.count where types[id].isSpelled {
            let text = tokens[id]
            for place in text.indices.dropFirst() where text[place] == 0xE2 && SpaceMark.begins(text, at: place) {
                let isInRun = place - text.startIndex >= 3 && SpaceMark.begins(text, at: place - 3)
                if !isInRun { joinsSpace[Int(text[place - 1])] = true }
            }
        }
    }

    /// Appends the ids of `bytes[range]`, which is valid UTF-8.
    ///
    /// A text that goes on with another one is spelt without a space before it.
    func encode<Rule: MergeRule>(
        _ bytes: [UInt8], _ range: Range<Int>, isContinuation: Bool, _ merger: inout BytePairMerger<Rule>,
        into output: inout [Int32]
    ) {
        guard !range.isEmpty else { return }
        var text: [UInt8] = []
        text.reserveCapacity(range.count + range.count / 2)
        if addsSpacePrefix, !isContinuation { text.append(contentsOf: SpaceMark.bytes) }
        for place in range {
            if bytes[place] == 0x20 {
                text.append(0xE2)
                text.append(0x96)
                text.append(0x81)
            } else {
                text.append(bytes[place])
            }
        }
        // No merge reaches over a place between a character and a space mark where no token joins the two, so that
        // the text falls into words there and the result is that of merging it whole.
        var start = output.count
        var place = 0
        var afterMark = true
        while place < text.count {
            let isMark = SpaceMark.begins(text, at: place)
            if isMark, !afterMark, !joinsSpace[Int(text[place - 1])] {
                merger.merge(&output, from: start)
                start = output.count
            }
            afterMark = isMark
            place = spell(text, place, into: &output)
        }
        merger.merge(&output, from: start)
    }

    @inline(__always)
    private func spell(_ text: [UInt8], _ place: Int, into output: inout [Int32]) -> Int {
        let lead = text[place]
        let end = place + UTF8Scalars.length(lead: lead)
        let id =
            if lead < 0x80 { asciiTokens[Int(lead)] } else { index.find(text, place..<end) ?? -1 }
        if id >= 0, types[Int(id)].isSpelled {
            output.append(id)
        } else {
            for byte in place..<end { output.append(byteTokens[Int(text[byte])]) }
        }
        return end
    }
}
