internal import StoaCore

extension Tokenizer {
    /// Builds a tokenizer from the files of a Hugging Face folder.
    ///
    /// Understood are BPE models, byte-level with the patterns of GPT-2, SmolLM, Llama 3 and Qwen 2, and
    /// SentencePiece-like with byte fallback. `truncation` and `padding` are settings of a call and are not read.
    ///
    /// - Parameters:
    ///   - tokenizerJSON: the bytes of `tokenizer.json`.
    ///   - configJSON: the bytes of `tokenizer_config.json`, which names the special tokens.
    /// - Throws: `TokenizerError` for files that are malformed, that contradict themselves, or that ask for something
    ///   that is not implemented, which it names.
    public convenience init(tokenizerJSON: [UInt8], configJSON: [UInt8]? = nil) throws(TokenizerError) {
        try self.init(blueprint: TokenizerBlueprint(TokenizerFile(tokenizerJSON), TokenizerConfig(configJSON)))
    }
}

extension TokenizerBlueprint {
    init(_ file: TokenizerFile, _ config: TokenizerConfig) throws(TokenizerError) {
        let pipeline = try TokenizerPipeline(file)
        var (tokens, types, outside) = try Self.collect(file)
        if case .sentencePiece = pipeline.spelling {
            for id in types.indices where types[id] == .normal && TokenSpelling.byteToken(tokens[id]) != nil {
                types[id] = .byte
            }
        }
        // Tokens that the model itself does not know are matched as they stand and take no part in merges.
        var modelTypes = types
        for id in outside.values { modelTypes[Int(id)] = .unused }
        let index = try Self.index(tokens, modelTypes)
        var entries: [PairTable.Entry] = []
        let parts = file.mergeParts
        entries.reserveCapacity(parts.count / 2)
        for rank in 0..<parts.count / 2 {
            entries.append(
                try Self.merge(rank: rank, parts.bytes, parts.range(2 * rank), parts.range(2 * rank + 1), index))
        }
        self.init(tokens: tokens, types: types, spelling: pipeline.spelling, merges: .listed(entries), index: index)
        self.outside = outside
        takesWholeWords = pipeline.takesWholeWords
        normalizes = pipeline.normalizes
        fusesUnknown = pipeline.fusesUnknown
        if let name = pipeline.unknown {
            guard let id = find(name) else {
                throw TokenizerError(
                    .invalidVocabulary, "the model's unk_token \(quote(name.utf8)) is not a token")
            }
            unknownSymbol = id
        }
        for token in file.added where token.isNormalized {
            if normalizes {
                throw TokenizerError(
                    .unsupported,
                    "added token \(quote(token.content)) is normalized, which is not implemented beside a normalizer")
            }
            lateTokens.insert(Int32(token.id))
        }
        try apply(config, pipeline)
    }

    private func find(_ name: String) -> Int32? {
        let text = Array(name.utf8)
        return outside[text] ?? index.find(text, 0..<text.count)
    }

    private mutating func apply(_ config: TokenizerConfig, _ pipeline: TokenizerPipeline) throws(TokenizerError) {
        func id(_ name: String?, _ role: String) throws(TokenizerError) -> TokenID? {
            guard let name else { return nil }
            guard let id = find(name) else {
                throw TokenizerError(.invalidVocabulary, "the \(role) \(quote(name.utf8)) is not a token")
            }
            return TokenID(id)
        }
        special.bos = try id(config.bos ?? pipeline.templateBOS, "bos_token")
        special.eos = try id(config.eos ?? pipeline.templateEOS, "eos_token")
        special.unknown = try id(config.unknown ?? pipeline.unknown, "unk_token")
        special.padding = try id(config.padding, "pad_token")
        addsBOS = pipeline.hasTemplate ? pipeline.templateBOS != nil : config.addsBOS ?? false
        addsEOS = pipeline.hasTemplate ? pipeline.templateEOS != nil : config.addsEOS ?? false
        for (name, id, role) in [
            (pipeline.templateBOS, special.bos, "begins"), (pipeline.templateEOS, special.eos, "ends"),
        ] {
            guard let name, let id, tokens[id.index].elementsEqual(name.utf8) == false else { continue }
            throw TokenizerError(
                .invalidVocabulary,
                "the post-processor \(role) a sequence with \(quote(name.utf8)), but tokenizer_config.json names "
                    + tokens.quoted(id.index))
        }
        collectTurnEnds([])
    }

    /// The tokens in the order of their ids, and those that are added beside the model.
    private static func collect(
        _ file: TokenizerFile
    ) throws(TokenizerError) -> (PackedStrings, [TokenType], [[UInt8]: Int32]) {
        let total = file.texts.count + file.added.count
        // Holes in the numbering are filled, but not without bound: a hostile id must not make memory.
        let limit = 2 * total + 1024
        var places: [Int] = []
        func claim(_ id: Int, _ place: Int, _ text: some Collection<UInt8>) throws(TokenizerError) {
            guard id < limit else {
                throw TokenizerError(
                    .invalidVocabulary, "token \(quote(text)) has the id \(id), but there are \(total) tokens")
            }
            while places.count <= id { places.append(-1) }
            guard places[id] < 0 else {
                throw TokenizerError(.invalidVocabulary, "id \(id) is given twice, once to \(quote(text))")
            }
            places[id] = place
        }
        for (place, id) in file.ids.enumerated() { try claim(id, place, file.texts[place]) }

        var marks: [Int: TokenType] = [:]
        var outside: [[UInt8]: Int32] = [:]
        for (number, token) in file.added.enumerated() {
            let inModel = token.id < places.count ? places[token.id] : -1
            if inModel >= 0, inModel < file.texts.count, file.texts[inModel].elementsEqual(token.content) {
                guard marks[token.id] == nil else {
                    throw TokenizerError(.invalidVocabulary, "added token \(quote(token.content)) is given twice")
                }
            } else {
                try claim(token.id, file.texts.count + number, token.content)
                guard outside.updateValue(Int32(token.id), forKey: token.content) == nil else {
                    throw TokenizerError(.invalidVocabulary, "added token \(quote(token.content)) is given twice")
                }
            }
            marks[token.id] = token.isSpecial ? .control : .userDefined
        }

        var tokens = PackedStrings()
        tokens.reserveCapacity(count: places.count, bytes: file.texts.bytes.count)
        var types: [TokenType] = []
        types.reserveCapacity(places.count)
        for (id, place) in places.enumerated() {
            if place < 0 {
                tokens.append(EmptyCollection())
            } else if place < file.texts.count {
                tokens.append(file.texts[place])
            } else {
                tokens.append(file.added[place - file.texts.count].content)
            }
            types.append(marks[id] ?? (place < 0 ? .unused : .normal))
        }
        return (tokens, types, outside)
    }
}
