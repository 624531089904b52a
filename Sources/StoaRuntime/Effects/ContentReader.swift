internal import StoaCore

/// Brings back what payloads refer to.
struct ContentReader: Sendable {
    let journal: any Journal
    /// Whether token ids and log-probabilities of recorded calls are read: where they are compared.
    ///
    /// An execution that follows the record needs what was said, not the numbers behind it.
    let readsNumbers: Bool

    func json(_ reference: JSONValue?, in place: String) async throws -> JSONValue {
        let reference = try require(reference, .json, in: place)
        let bytes = try await journal.blob(reference.digest)
        guard let value = try? JSONParser.parse(bytes) else {
            throw JournalError.damaged("\(place): expected JSON in blob \(reference.digest)")
        }
        return value
    }

    func tokens(_ reference: JSONValue?, in place: String) async throws -> [TokenID] {
        let reference = try require(reference, .tokens, in: place)
        let blocks = try await ContentChain.contents(from: reference.digest, blob: journal.blob)
        let tokens = Self.tokens(blocks)
        guard tokens.count == reference.count else {
            throw JournalError.damaged("\(place): expected \(reference.count) tokens, found \(tokens.count)")
        }
        return tokens
    }

    static func tokens(_ blocks: [[UInt8]]) -> [TokenID] {
        blocks.flatMap { block in
            stride(from: 0, to: block.count, by: 4).compactMap { Bytes.read(Int32.self, from: block, at: $0) }
                .map { TokenID($0) }
        }
    }

    func messages(_ reference: JSONValue?, in place: String) async throws -> [ChatMessage] {
        let reference = try require(reference, .messages, in: place)
        let blocks = try await ContentChain.contents(from: reference.digest, blob: journal.blob)
        return try blocks.map { block in
            guard let message = (try? JSONParser.parse(block)).flatMap(ChatMessage.init(document:)) else {
                throw JournalError.damaged("\(place): expected a message in the chain of blob \(reference.digest)")
            }
            return message
        }
    }

    func logProbabilities(_ reference: JSONValue?, in place: String) async throws -> [TokenLogProbability] {
        let reference = try require(reference, .logProbabilities, in: place)
        let bytes = try await journal.blob(reference.digest)
        guard let entries = Self.logProbabilities(bytes, count: reference.count) else {
            throw JournalError.damaged("\(place): expected \(reference.count) log-probabilities")
        }
        return entries
    }

    static func logProbabilities(_ bytes: [UInt8], count: Int) -> [TokenLogProbability]? {
        var offset = 0
        func pair() -> (TokenID, Double)? {
            guard let id = Bytes.read(Int32.self, from: bytes, at: offset),
                let bits = Bytes.read(UInt64.self, from: bytes, at: offset + 4)
            else { return nil }
            offset += 12
            return (TokenID(id), Double(bitPattern: bits))
        }
        var entries: [TokenLogProbability] = []
        for _ in 0..<count {
            guard let (id, probability) = pair(), let others = Bytes.read(Int32.self, from: bytes, at: offset) else {
                return nil
            }
            offset += 4
            var top: [TokenLogProbability.Alternative] = []
            for _ in 0..<others {
                guard let (id, probability) = pair() else { return nil }
                top.append(TokenLogProbability.Alternative(id: id, logProbability: probability))
            }
            entries.append(TokenLogProbability(id: id, logProbability: probability, top: top))
        }
        return offset == bytes.count ? entries : nil
    }

    func vectors(_ reference: JSONValue?, in place: String) async throws -> [[Float]] {
        let reference = try require(reference, .vectors, in: place)
        guard let vectors = Self.vectors(try await journal.blob(reference.digest), count: reference.count) else {
            throw JournalError.damaged("\(place): expected \(reference.count) vectors")
        }
        return vectors
    }

    static func vectors(_ bytes: [UInt8], count: Int) -> [[Float]]? {
        guard count > 0 else { return bytes.isEmpty ? [] : nil }
        guard bytes.count % (4 * count) == 0 else { return nil }
        let width = bytes.count / 4 / count
        return (0..<count).map { row in
            (0..<width).map { column in
                Float(bitPattern: Bytes.read(UInt32.self, from: bytes, at: 4 * (row * width + column)) ?? 0)
            }
        }
    }

    func require(_ document: JSONValue?, _ form: BlobForm, in place: String) throws -> BlobReference {
        guard let reference = BlobReference(document: document), reference.form == form else {
            throw JournalError.damaged("\(place): expected a reference to \(form.rawValue)")
        }
        return reference
    }
}
