internal import StoaCore

/// The latents before a conversation as one cache, with what is to be known to choose among its rows.
struct JoinedLatents {
    /// All rows.
    private(set) var cache: KVCache
    /// Rows that the makers of the latents added themselves.
    private(set) var own: [Range<Int>]

    /// One latent as it is.
    ///
    /// - Parameters:
    ///   - cache: its rows.
    ///   - contextRows: how many of them its maker had in mind before it began.
    init(_ cache: KVCache, contextRows: Int) {
        self.cache = cache
        own = [min(max(contextRows, 0), cache.count)..<cache.count]
    }

    /// A base, and what each branch adds to it; the rows of the base are nobody's own.
    ///
    /// - Parameters:
    ///   - branches: caches that begin with the base, and how many of their rows their makers had in mind.
    ///   - base: what they share.
    /// - Throws: `ModelError` where a branch does not begin with the base, or a position would leave its range.
    init(_ branches: [(cache: KVCache, contextRows: Int)], on base: KVCache) throws {
        cache = try KVCache.merge(base: base, branches: branches.map(\.cache))
        own = []
        var end = base.count
        for branch in branches {
            let context = min(max(branch.contextRows, base.count), branch.cache.count)
            own.append(end + context - base.count..<end + branch.cache.count - base.count)
            end += branch.cache.count - base.count
        }
    }

    /// These latents with one more behind them.
    ///
    /// - Parameters:
    ///   - next: its rows, which move to the positions that follow.
    ///   - contextRows: how many of them its maker had in mind.
    /// - Returns: the longer list.
    /// - Throws: `ModelError` where a position would leave its range.
    func appending(_ next: KVCache, contextRows: Int) throws -> JoinedLatents {
        var result = self
        let context = min(max(contextRows, 0), next.count)
        result.own.append(cache.count + context..<cache.count + next.count)
        result.cache = try cache.appending(next)
        return result
    }
}
