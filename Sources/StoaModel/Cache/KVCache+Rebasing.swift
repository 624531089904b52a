extension KVCache {
    /// This cache with its first rows shared with a base that has the same ones.
    ///
    /// The caches of two runs of one computation are equal but share no memory, and neither do a base and its
    /// continuation once both were stored and came back. What `merge` asks is whether memory is shared; here it is made
    /// to be wherever the content is equal.
    ///
    /// - Parameter base: rows that this cache may begin with.
    /// - Returns: an equal cache; nil where it does not begin with the base.
    /// - Throws: nothing: a cache has its own first rows.
    func rebased(on base: KVCache) throws -> KVCache? {
        guard fingerprint == base.fingerprint, count >= base.count else { return nil }
        if sharesRows(with: base) { return self }
        var head = try truncated(to: base.count)
        head.setNextPosition(base.nextPosition)
        guard head.contentHash == base.contentHash else { return nil }
        var result = base
        result.adopt(
            self, rows: base.count..<count, positions: Array(positions[base.count...]),
            isContinuation: isCausal && base.isCausal)
        result.setNextPosition(nextPosition)
        return result
    }
}
