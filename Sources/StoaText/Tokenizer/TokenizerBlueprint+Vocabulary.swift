extension TokenizerBlueprint {
    /// Resolves a vocabulary as weight files state it.
    ///
    /// - Throws: `TokenizerError` for a family or pre-tokenizer that is not implemented, and for contradictions.
    init(_ vocabulary: Vocabulary) throws(TokenizerError) {
        let tokens = vocabulary.tokens
        let types = try Self.types(vocabulary)
        let index = try Self.index(tokens, types)
        switch vocabulary.model {
        case "gpt2":
            guard let name = vocabulary.pre else {
                throw TokenizerError(
                    .unsupported, "a byte-level vocabulary without a pre-tokenizer",
                    hint: "The file lacks tokenizer.ggml.pre; known are \(PreTokenizer.names).")
            }
            guard let pre = PreTokenizer(name: name) else {
                throw TokenizerError(
                    .unsupported, "pre-tokenizer \(quote(name.utf8)) is not implemented",
                    hint: "Known are \(PreTokenizer.names).")
            }
            self.init(
                tokens: tokens, types: types, spelling: .byteLevel(pre),
                merges: .listed(try Self.merges(vocabulary.merges, index)), index: index)
            takesWholeWords = pre == .llamaBPE
            normalizes = pre == .qwen2
            addsBOS = vocabulary.addsBOS ?? (pre == .llamaBPE)
        case "llama":
            guard vocabulary.scores.count == tokens.count else {
                throw TokenizerError(
                    .invalidVocabulary, "\(tokens.count) tokens have \(vocabulary.scores.count) scores")
            }
            self.init(
                tokens: tokens, types: types,
                spelling: .sentencePiece(addsSpacePrefix: vocabulary.addsSpacePrefix ?? true),
                merges: .scored(vocabulary.scores), index: index)
            addsBOS = vocabulary.addsBOS ?? true
        default:
            throw TokenizerError(
                .unsupported, "vocabulary model \(quote(vocabulary.model.utf8)) is not implemented",
                hint: "Known are gpt2 and llama.")
        }
        addsEOS = vocabulary.addsEOS ?? false
        special.bos = try Self.checked(vocabulary.bos, as: "bos", of: tokens.count)
        special.eos = try Self.checked(vocabulary.eos, as: "eos", of: tokens.count)
        special.unknown = try Self.checked(vocabulary.unknown, as: "unknown", of: tokens.count)
        special.padding = try Self.checked(vocabulary.padding, as: "padding", of: tokens.count)
        collectTurnEnds([try Self.checked(vocabulary.eot, as: "eot", of: tokens.count)])
    }

    private static func types(_ vocabulary: Vocabulary) throws(TokenizerError) -> [TokenType] {
        let count = vocabulary.tokens.count
        if vocabulary.types.isEmpty { return [TokenType](repeating: .normal, count: count) }
        guard vocabulary.types.count == count else {
            throw TokenizerError(.invalidVocabulary, "\(count) tokens have \(vocabulary.types.count) types")
        }
        var types: [TokenType] = []
        types.reserveCapacity(count)
        for (id, number) in vocabulary.types.enumerated() {
            guard let byte = UInt8(exactly: number), let type = TokenType(rawValue: byte) else {
                throw TokenizerError(.invalidVocabulary, "token \(id) has type \(number), expected 1 to 6")
            }
            types.append(type)
        }
        return types
    }

    private static func merges(
        _ strings: PackedStrings, _ index: TokenIndex
    ) throws(TokenizerError) -> [PairTable.Entry] {
        var entries: [PairTable.Entry] = []
        entries.reserveCapacity(strings.count)
        for rank in 0..<strings.count {
            let range = strings.range(rank)
            // A token of the alphabet holds no space, so that the first one divides.
            guard let space = strings.bytes[range].firstIndex(of: 0x20) else {
                throw TokenizerError(
                    .invalidVocabulary, "merge \(rank) is \(strings.quoted(rank)), expected two tokens and a space")
            }
            entries.append(
                try merge(
                    rank: rank, strings.bytes, range.lowerBound..<space, space + 1..<range.upperBound, index))
        }
        return entries
    }
}
