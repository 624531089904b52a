internal import OrderedCollections
internal import StoaCore

/// Rows of token sequences seen before, found again by content: blocks of a page's length, each keyed by a hash of all
/// tokens up to its end.
///
/// Rows are the same bits wherever they were computed, so sharing them changes speed and memory, never a result.
///
/// Isolation: one compute lane.
final class PrefixCache {
    private struct Block {
        var rows: KVCache
        var bytes: Int { rows.layout.pageBytes }
    }

    /// Least recently used first.
    private var blocks: OrderedDictionary<SHA256Digest, Block> = [:]
    /// Tokens answered from the cache so far.
    private(set) var hits = 0

    private static let blockRows = KVLayout.pageRows

    private let limit: Int
    /// Bytes held, at most (blocks may share pages with each other and with running sequences).
    private(set) var bytes = 0

    /// Creates an empty cache.
    ///
    /// - Parameter limit: the most bytes to hold.
    init(limit: Int) { self.limit = limit }

    /// Extends a plain cache by rows for the tokens that follow, as far as they are known.
    ///
    /// - Parameters:
    ///   - cache: a plain cache whose length is a multiple of the block length.
    ///   - upcoming: tokens that are about to be fed.
    ///   - label: what their rows are called in `cache`.
    /// - Returns: tokens answered; at least one of `upcoming` is always left to be fed.
    func extend(
        _ cache: inout KVCache, upcoming: ArraySlice<ModelInput>, label: (origin: KVCache.Origin, author: String)
    ) -> Int {
        guard cache.isPlainText, cache.count % Self.blockRows == 0 else { return 0 }
        var known = 0
        var key = key(of: cache)
        while known + Self.blockRows < upcoming.count {
            let start = upcoming.startIndex + known
            guard let next = chain(key, upcoming[start..<start + Self.blockRows]), let block = touch(next) else {
                break
            }
            cache.adopt(
                block.rows, rows: 0..<Self.blockRows, positions: block.rows.positions, label: label,
                isContinuation: true)
            cache.setNextPosition(Int32(cache.count))
            key = next
            known += Self.blockRows
        }
        hits += known
        return known
    }

    /// Remembers every full block of a plain cache from `firstRow` on, and forgets others to make room.
    func insert(_ cache: KVCache, from firstRow: Int) {
        guard cache.isPlainText, cache.count >= Self.blockRows else { return }
        let firstBlock = firstRow / Self.blockRows
        let lastBlock = cache.count / Self.blockRows
        guard firstBlock < lastBlock else { return }
        var key = root(cache)
        for block in 0..<lastBlock {
            let rows = block * Self.blockRows..<(block + 1) * Self.blockRows
            guard let next = chain(key, cache.tokens[rows].compactMap { $0.map { .token($0) } }[...]) else { return }
            key = next
            if block >= firstBlock, touch(key) == nil {
                var piece = KVCache(fingerprint: cache.fingerprint, layout: cache.layout)
                piece.adopt(cache, rows: rows, positions: Array(cache.positions[rows]))
                let block = Block(rows: piece)
                blocks[key] = block
                bytes += block.bytes
            }
        }
        while bytes > limit, evict(1) {}
    }

    /// Forgets the least recently used blocks.
    ///
    /// - Parameter count: how many to forget.
    /// - Returns: whether anything was there to forget.
    @discardableResult
    func evict(_ count: Int) -> Bool {
        guard !blocks.isEmpty else { return false }
        let leaving = min(count, blocks.count)
        bytes -= blocks.values[..<leaving].reduce(0) { $0 + $1.bytes }
        blocks.removeFirst(leaving)
        return true
    }

    private func touch(_ key: SHA256Digest) -> Block? {
        guard let block = blocks.removeValue(forKey: key) else { return nil }
        blocks[key] = block
        return block
    }

    private func root(_ cache: KVCache) -> SHA256Digest { cache.fingerprint.digest }

    private func key(of cache: KVCache) -> SHA256Digest {
        var key = root(cache)
        for block in stride(from: 0, to: cache.count, by: Self.blockRows) {
            let tokens = cache.tokens[block..<block + Self.blockRows].compactMap { $0.map { ModelInput.token($0) } }
            key = chain(key, tokens[...]) ?? key
        }
        return key
    }

    /// The key of a block behind another; nil where an input is no token.
    private func chain(_ parent: SHA256Digest, _ inputs: ArraySlice<ModelInput>) -> SHA256Digest? {
        guard inputs.count == Self.blockRows else { return nil }
        var hasher = SHA256Hasher()
        hasher.update(parent.bytes)
        for input in inputs {
            guard let token = input.token else { return nil }
            withUnsafeBytes(of: token.rawValue.littleEndian) { hasher.update($0) }
        }
        return hasher.finalize()
    }
}
