internal import OrderedCollections
internal import StoaCore

/// A payload together with the contents that it refers to.
struct Content: Sendable {
    var document: JSONValue.Members = [:]
    var blobs: [Blob] = []

    /// Sets a member.
    mutating func set(_ name: String, _ value: JSONValue?) {
        if let value { document[name] = value }
    }

    /// Stores JSON elsewhere and refers to it.
    mutating func refer(_ name: String, toJSON value: JSONValue) {
        let blob = Blob(Array(value.canonicalText.utf8))
        blobs.append(blob)
        document[name] = BlobReference(digest: blob.digest, form: .json, count: 1).document
    }

    /// Stores each of some values elsewhere, and refers to all of them by their names.
    mutating func refer(_ name: String, toJSONOf values: JSONValue.Members) {
        var inner = Content()
        for (key, value) in values { inner.refer(key, toJSON: value) }
        blobs += inner.blobs
        document[name] = .object(inner.document)
    }

    /// Stores token ids elsewhere and refers to them.
    mutating func refer(_ name: String, toTokens tokens: [TokenID]) {
        var chain = ContentChain()
        for start in stride(from: 0, to: tokens.count, by: ContentChain.tokensPerBlock) {
            let block = tokens[start..<min(start + ContentChain.tokensPerBlock, tokens.count)]
            chain.add(block.flatMap { Bytes.littleEndian($0.rawValue) })
        }
        add(chain, name, .tokens, count: tokens.count)
    }

    /// Stores a conversation elsewhere and refers to it.
    mutating func refer(_ name: String, toMessages messages: [ChatMessage]) {
        var chain = ContentChain()
        for message in messages { chain.add(Array(message.document.canonicalText.utf8)) }
        add(chain, name, .messages, count: messages.count)
    }

    /// Stores log-probabilities elsewhere and refers to them.
    mutating func refer(_ name: String, toLogProbabilities entries: [TokenLogProbability]) {
        var bytes: [UInt8] = []
        for entry in entries {
            bytes += Bytes.littleEndian(entry.id.rawValue) + Bytes.littleEndian(entry.logProbability.bitPattern)
            bytes += Bytes.littleEndian(Int32(entry.top.count))
            for other in entry.top {
                bytes += Bytes.littleEndian(other.id.rawValue) + Bytes.littleEndian(other.logProbability.bitPattern)
            }
        }
        let blob = Blob(bytes)
        blobs.append(blob)
        document[name] = BlobReference(digest: blob.digest, form: .logProbabilities, count: entries.count).document
    }

    /// Stores vectors elsewhere and refers to them.
    mutating func refer(_ name: String, toVectors vectors: [[Float]]) {
        let blob = Blob(vectors.flatMap { $0.flatMap { Bytes.littleEndian($0.bitPattern) } })
        blobs.append(blob)
        document[name] = BlobReference(digest: blob.digest, form: .vectors, count: vectors.count).document
    }

    /// Refers to a latent's bytes, and stores them elsewhere where they are given.
    ///
    /// They are one blob, however long: its digest is the latent's, so equal latents of any runs are stored once.
    mutating func refer(_ name: String, toLatent latent: LatentHandle, _ bytes: [UInt8]?) {
        if let bytes { blobs.append(Blob(bytes)) }
        document[name] = BlobReference(digest: latent.digest, form: .latent, count: 1).document
    }

    private mutating func add(_ chain: ContentChain, _ name: String, _ form: BlobForm, count: Int) {
        blobs += chain.blobs
        document[name] = BlobReference(digest: chain.last, form: form, count: count).document
    }
}

/// A list as a chain of content-addressed blocks, each naming the one before.
///
/// Lists that begin alike share the blocks of their beginning, so that a conversation which grows turn by turn is stored
/// once, not once per turn: a log grows linearly with what happened.
struct ContentChain: Sendable {
    /// Tokens of a block.
    ///
    /// Blocks are cut at multiples of it, so that equal beginnings have equal blocks.
    static let tokensPerBlock = 256

    /// The digest of the last block; zeros for an empty list.
    private(set) var last = SHA256Digest.zero
    private(set) var blobs: [Blob] = []

    /// Adds a block.
    mutating func add(_ content: [UInt8]) {
        let blob = Blob(last.bytes + content)
        blobs.append(blob)
        last = blob.digest
    }

    /// The contents of all blocks, the first first.
    static func contents(
        from last: SHA256Digest, blob: (SHA256Digest) async throws -> [UInt8]
    ) async throws -> [[UInt8]] {
        var contents: [[UInt8]] = []
        var next = last
        while next != .zero {
            let bytes = try await blob(next)
            guard bytes.count >= 32, let previous = SHA256Digest(rawBytes: Array(bytes[..<32])) else {
                throw JournalError.damaged("blob \(next): expected a link of a chain, found \(bytes.count) bytes")
            }
            contents.append(Array(bytes[32...]))
            next = previous
        }
        return contents.reversed()
    }
}

/// Numbers as bytes, the lowest first.
enum Bytes {
    static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    static func read<Value: FixedWidthInteger>(_ type: Value.Type, from bytes: [UInt8], at offset: Int) -> Value? {
        let size = MemoryLayout<Value>.size
        guard offset >= 0, offset + size <= bytes.count else { return nil }
        var value: Value = 0
        for index in (0..<size).reversed() { value = value << 8 | Value(truncatingIfNeeded: bytes[offset + index]) }
        return value
    }
}

extension JournalError {
    static func damaged(_ message: String) -> JournalError {
        JournalError(
            .damaged, kind: .divergence, message, hint: "stoa log verify says which events of the run are damaged")
    }
}
