internal import StoaCore

/// The contents of a `tokenizer.json`, before anything in it is judged.
struct TokenizerFile {
    private typealias Scanner = JSONScanner<TokenizerError>

    /// A token of `added_tokens`.
    struct AddedToken {
        var id: Int
        var content: [UInt8]
        var isSpecial: Bool
        var isNormalized: Bool
    }

    /// The texts of `model.vocab` in the order of the file.
    private(set) var texts = PackedStrings()
    /// The id of each text.
    private(set) var ids: [Int] = []
    /// The parts of `model.merges`: left, right, left, right.
    private(set) var mergeParts = PackedStrings()
    private(set) var added: [AddedToken] = []
    /// The other members of `model`.
    private(set) var model: [String: JSONValue] = [:]
    /// The other members of the document.
    private(set) var members: [String: JSONValue] = [:]

    init(_ bytes: [UInt8]) throws(TokenizerError) {
        try bytes.withUnsafeBufferPointer { buffer throws(TokenizerError) in
            var scanner = Scanner(tokenizerJSON: UnsafeRawBufferPointer(buffer))
            try read(&scanner)
        }
    }

    private mutating func read(_ scanner: inout Scanner) throws(TokenizerError) {
        try scanner.decodedMembers { (scanner, key) throws(TokenizerError) in
            switch String(decoding: key, as: UTF8.self) {
            case "model": try readModel(&scanner)
            case "added_tokens": try readAddedTokens(&scanner)
            case let name: members[name] = try scanner.value()
            }
        }
        guard scanner.peek() == nil else { throw scanner.failure("unexpected text after the document") }
    }

    private mutating func readModel(_ scanner: inout Scanner) throws(TokenizerError) {
        try scanner.decodedMembers { (scanner, key) throws(TokenizerError) in
            switch String(decoding: key, as: UTF8.self) {
            case "vocab" where scanner.isNext("{"): try readVocabulary(&scanner)
            case "merges" where scanner.isNext("["): try readMerges(&scanner)
            case let name: model[name] = try scanner.value()
            }
        }
    }

    private mutating func readVocabulary(_ scanner: inout Scanner) throws(TokenizerError) {
        try scanner.decodedMembers { (scanner, key) throws(TokenizerError) in
            texts.append(key)
            ids.append(try scanner.unsigned("an id"))
        }
    }

    private mutating func readMerges(_ scanner: inout Scanner) throws(TokenizerError) {
        var buffer: [UInt8] = []
        try scanner.elements { (scanner) throws(TokenizerError) in
            let before = mergeParts.count
            if scanner.isNext("[") {
                try scanner.elements { (scanner) throws(TokenizerError) in
                    buffer.removeAll(keepingCapacity: true)
                    try scanner.string(into: &buffer)
                    mergeParts.append(buffer)
                }
            } else {
                buffer.removeAll(keepingCapacity: true)
                try scanner.string(into: &buffer)
                for part in buffer.split(separator: 0x20, omittingEmptySubsequences: false) { mergeParts.append(part) }
            }
            guard mergeParts.count == before + 2 else {
                throw scanner.failure("merge \(before / 2) is not two tokens")
            }
        }
    }

    /// Added tokens are few; only their texts are kept away from `String`.
    private mutating func readAddedTokens(_ scanner: inout Scanner) throws(TokenizerError) {
        try scanner.elements { (scanner) throws(TokenizerError) in
            var content: [UInt8]?
            var id: Int?
            var flags: [String: Bool] = [:]
            try scanner.decodedMembers { (scanner, key) throws(TokenizerError) in
                switch String(decoding: key, as: UTF8.self) {
                case "content":
                    var buffer: [UInt8] = []
                    try scanner.string(into: &buffer)
                    content = buffer
                case "id": id = try scanner.unsigned("an id")
                case let name:
                    guard case .bool(let flag) = try scanner.value() else {
                        throw scanner.failure("\(quote(name.utf8)) of an added token is not true or false")
                    }
                    flags[name] = flag
                }
            }
            guard let content, !content.isEmpty, let id else {
                throw scanner.failure("an added token lacks its content or its id")
            }
            for name in ["single_word", "lstrip", "rstrip"] where flags[name] == true {
                throw TokenizerError(
                    .unsupported, "added token \(quote(content)) has \(name), which is not implemented")
            }
            added.append(
                AddedToken(
                    id: id, content: content, isSpecial: flags["special"] ?? false,
                    isNormalized: flags["normalized"] ?? false))
        }
    }
}

extension JSONScanner<TokenizerError> {
    /// Reads a tokenizer file; errors name line and column.
    fileprivate init(tokenizerJSON bytes: UnsafeRawBufferPointer) {
        self.init(bytes) { error in
            TokenizerError(
                .malformed, "tokenizer.json: \(error.reason) at line \(error.line), column \(error.column)")
        }
    }
}
