internal import Glibc
public import StoaCore

// A stored cache is a line of JSON that describes it, a zero byte, and the rows: for every row, slot after slot, the
// keys of all heads and then the values, little-endian. The bytes depend on the rows alone, not on how pages lie in
// memory, so their SHA-256 is the identity of the content.
extension KVCache {
    private static let format = "stoa-kv-1"

    /// SHA-256 of the stored form: equal for caches with equal content, whatever pages they share.
    public var contentHash: SHA256Digest {
        var hasher = SHA256Hasher()
        hasher.update(header.utf8)
        forEachRowPiece { hasher.update($0) }
        return hasher.finalize()
    }

    /// The stored form.
    ///
    /// - Returns: bytes that `init(serialised:…)` reads back to a cache of equal content.
    public func serialised() -> [UInt8] {
        var bytes = Array(header.utf8)
        bytes.reserveCapacity(bytes.count + byteCount)
        forEachRowPiece { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Every row's bytes in stored order, one head of one slot at a time.
    private func forEachRowPiece(_ body: (UnsafeRawBufferPointer) -> Void) {
        for span in spans {
            for slot in span.slot..<span.slot + span.count {
                for layer in 0..<layout.slots {
                    for offset in [layout.keyOffset(slot: layer), layout.valueOffset(slot: layer)] {
                        for head in 0..<layout.kvHeads {
                            let start = span.page.address + offset + head * layout.headStride + slot * layout.rowStride
                            body(UnsafeRawBufferPointer(start: start, count: layout.rowStride))
                        }
                    }
                }
            }
        }
    }

    private var header: String {
        let program: JSONValue = fingerprint.layerProgram.map { .array($0.map { .integer(Int64($0)) }) } ?? .null
        let document: JSONValue = [
            "format": .string(Self.format),
            "fingerprint": [
                "weights": .string(fingerprint.weights), "tokenizer": .string(fingerprint.tokenizer),
                "adapter": fingerprint.adapter.map { .string($0) } ?? .null,
                "precision": .string(fingerprint.precision.rawValue), "program": program,
            ],
            "slots": .integer(Int64(layout.slots)), "kv_heads": .integer(Int64(layout.kvHeads)),
            "head_dim": .integer(Int64(layout.headDim)), "element": .string(layout.element.rawValue),
            "positions": .array(positions.map { .integer(Int64($0)) }),
            "tokens": .array(tokens.map { $0.map { .integer(Int64($0.rawValue)) } ?? .null }),
            "segments": .array(
                segments.map {
                    [
                        "author": .string($0.author), "origin": .string($0.origin.rawValue),
                        "count": .integer(Int64($0.rows.count)),
                    ]
                }),
            "next_position": .integer(Int64(nextPosition)),
        ]
        return document.canonicalText + "\0"
    }
}

extension KVCache {
    /// Reads a stored cache into fresh pages.
    ///
    /// - Parameters:
    ///   - bytes: what `serialised()` gave.
    ///   - expected: the model that is to use it.
    ///   - pool: where pages come from; its layout is the model's.
    /// - Throws: `ModelError`: damaged bytes, another model's cache (naming both fingerprints), or no memory.
    init(serialised bytes: [UInt8], expected: ModelFingerprint, pool: KVPagePool) throws {
        let (header, end) = try Self.header(of: bytes)
        guard header["format"]?.stringValue == Self.format else {
            throw ModelError.cacheFormat(
                "expected format \(Self.format), found \(header["format"]?.text ?? "none")")
        }
        let found = try Self.fingerprint(in: header)
        guard found == expected else { throw ModelError.fingerprintMismatch(expected: expected, found: found) }
        let layout = pool.layout
        guard header["slots"]?.intValue == layout.slots, header["kv_heads"]?.intValue == layout.kvHeads,
            header["head_dim"]?.intValue == layout.headDim, header["element"]?.stringValue == layout.element.rawValue
        else { throw ModelError.cacheFormat("its shape is not that of the model") }
        guard let positions = header["positions"]?.arrayValue?.compactMap(\.intValue),
            let tokens = header["tokens"]?.arrayValue, let segments = header["segments"]?.arrayValue,
            let next = header["next_position"]?.intValue, let nextPosition = Int32(exactly: next),
            tokens.count == positions.count, (positions + [next]).allSatisfy({ $0 >= 0 && $0 < Int(Int32.max) })
        else { throw ModelError.cacheFormat("header lacks positions, tokens or segments") }
        let body = bytes[(end + 1)...]
        guard body.count == positions.count * layout.bytesPerRow else {
            throw ModelError.cacheFormat(
                "expected \(positions.count * layout.bytesPerRow) bytes of rows, found \(body.count)")
        }
        self.init(fingerprint: expected, layout: layout)
        var row = 0
        for segment in segments {
            guard let count = segment["count"]?.intValue, count > 0, count <= positions.count - row,
                let author = segment["author"]?.stringValue,
                let origin = segment["origin"]?.stringValue.flatMap(Origin.init(rawValue:))
            else { throw ModelError.cacheFormat("segments do not describe its \(positions.count) rows") }
            let ids = try tokens[row..<row + count].map(Self.token)
            for index in 0..<count {
                setNextPosition(Int32(positions[row + index]))
                guard let slots = grow(tokens: [ids[index]], origin: origin, author: author, pool: pool),
                    let slot = slots.first
                else { throw ModelError.cacheFull(limitBytes: pool.memory.limit) }
                let start = body.startIndex + (row + index) * layout.bytesPerRow
                fill(slot, from: body[start..<start + layout.bytesPerRow])
            }
            row += count
        }
        guard row == positions.count else {
            throw ModelError.cacheFormat("segments do not describe its \(positions.count) rows")
        }
        setNextPosition(nextPosition)
        markForeign()
    }

    /// The model that made stored rows.
    ///
    /// - Throws: `ModelError` for damaged bytes.
    static func fingerprint(inSerialised bytes: [UInt8]) throws -> ModelFingerprint {
        try fingerprint(in: header(of: bytes).document)
    }

    /// The header, and where the zero behind it is.
    private static func header(of bytes: [UInt8]) throws -> (document: JSONValue, end: Int) {
        guard let end = bytes.firstIndex(of: 0) else { throw ModelError.cacheFormat("no header found") }
        do {
            return (try JSONParser.parse(bytes[..<end]), end)
        } catch {
            throw ModelError.cacheFormat("header is damaged: \(error.message)")
        }
    }

    /// Pages that restoring stored bytes takes, at most.
    static func pagesNeeded(toRestore bytes: Int, layout: KVLayout) -> Int {
        (bytes / layout.bytesPerRow + KVLayout.pageRows - 1) / KVLayout.pageRows
    }

    /// A token of the header; `null` is how a row without one is written, and nothing else.
    private static func token(_ value: JSONValue) throws -> TokenID? {
        if value == .null { return nil }
        guard let id = value.intValue.flatMap(Int32.init(exactly:)), id >= 0 else {
            throw ModelError.cacheFormat("\(value.text) is no token id")
        }
        return TokenID(rawValue: id)
    }

    private func fill(_ target: WriteSlot, from bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { source in
            guard var next = source.baseAddress else { return }
            for layer in 0..<layout.slots {
                for offset in [layout.keyOffset(slot: layer), layout.valueOffset(slot: layer)] {
                    for head in 0..<layout.kvHeads {
                        memcpy(
                            target.address + offset + head * layout.headStride + target.slot * layout.rowStride, next,
                            layout.rowStride)
                        next += layout.rowStride
                    }
                }
            }
        }
    }

    private static func fingerprint(in header: JSONValue) throws -> ModelFingerprint {
        guard let part = header["fingerprint"], let weights = part["weights"]?.stringValue,
            let tokenizer = part["tokenizer"]?.stringValue,
            let precision = part["precision"]?.stringValue.flatMap(Precision.init(rawValue:))
        else { throw ModelError.cacheFormat("header lacks the model's fingerprint") }
        return ModelFingerprint(
            weights: weights, tokenizer: tokenizer, adapter: part["adapter"]?.stringValue, precision: precision,
            layerProgram: part["program"]?.arrayValue?.compactMap(\.intValue))
    }
}
