internal import OrderedCollections

/// A latent message as it crosses the runtime: what it is and who may use it, never the numbers.
///
/// Two handles with equal digests stand for the same bits.
public struct LatentHandle: Sendable, Hashable {
    /// A run of rows with one author and origin.
    public struct Segment: Sendable, Hashable {
        /// Who wrote it.
        public var author: String
        /// `prompt`, `text` or `latent`.
        public var origin: String
        /// How many rows.
        public var rows: Int

        /// Creates a segment.
        public init(author: String, origin: String, rows: Int) {
            self.author = author
            self.origin = origin
            self.rows = rows
        }
    }

    /// SHA-256 of the serialised attention cache.
    public var digest: SHA256Digest
    /// The fingerprint of the model that made it.
    public var modelFingerprint: String
    /// Who wrote which rows, in order.
    public var segments: [Segment]
    /// The position that the next row gets.
    public var nextPosition: Int
    /// Bytes of keys and values.
    public var byteCount: Int
    /// How many of the first rows its maker had in mind before it began; the rows behind them are its own.
    public var contextRows: Int

    /// Creates a handle.
    public init(
        digest: SHA256Digest, modelFingerprint: String, segments: [Segment], nextPosition: Int, byteCount: Int,
        contextRows: Int = 0
    ) {
        self.contextRows = contextRows
        self.digest = digest
        self.modelFingerprint = modelFingerprint
        self.segments = segments
        self.nextPosition = nextPosition
        self.byteCount = byteCount
    }

    /// Rows in all segments.
    public var rows: Int { segments.reduce(0) { $0 + $1.rows } }

    /// `{digest, model, segments, next_position, bytes, context_rows?}`.
    public var document: JSONValue {
        var members: JSONValue.Members = [
            "digest": .string(digest.description), "model": .string(modelFingerprint),
            "segments": .array(
                segments.map {
                    ["author": .string($0.author), "origin": .string($0.origin), "rows": .integer(Int64($0.rows))]
                }),
            "next_position": .integer(Int64(nextPosition)), "bytes": .integer(Int64(byteCount)),
        ]
        if contextRows > 0 { members["context_rows"] = .integer(Int64(contextRows)) }
        return .object(members)
    }

    /// Reads the document; nil for anything else.
    public init?(document: JSONValue) {
        guard let digest = document["digest"]?.stringValue.flatMap(SHA256Digest.init(hexadecimal:)),
            let model = document["model"]?.stringValue, let position = document["next_position"]?.intValue,
            let bytes = document["bytes"]?.intValue, let list = document["segments"]?.arrayValue
        else { return nil }
        var segments: [Segment] = []
        for entry in list {
            guard let author = entry["author"]?.stringValue, let origin = entry["origin"]?.stringValue,
                let rows = entry["rows"]?.intValue
            else { return nil }
            segments.append(Segment(author: author, origin: origin, rows: rows))
        }
        self.init(
            digest: digest, modelFingerprint: model, segments: segments, nextPosition: position, byteCount: bytes,
            contextRows: document["context_rows"]?.intValue ?? 0)
    }
}
