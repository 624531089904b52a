internal import StoaCore

/// The latents of one model, by content, each for as long as somebody holds it.
///
/// Two latents of equal content are one entry, whoever made them. A hold is taken by making a latent and by `retain`;
/// with the last `release` the entry goes, and with it the memory that no other cache shares.
///
/// Isolation: the model's own lane, because the digest of a long latent takes milliseconds.
actor LatentStore {
    private struct Entry {
        let cache: KVCache
        var holds: Int
    }

    private let model: LocalModel
    private let identity: ModelIdentity
    private var entries: [SHA256Digest: Entry] = [:]

    /// The lane's thread.
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.unownedExecutor }

    /// Creates an empty store.
    ///
    /// - Parameters:
    ///   - model: whose latents these are.
    ///   - identity: what handles and errors call it.
    init(model: LocalModel, identity: ModelIdentity) {
        self.model = model
        self.identity = identity
    }

    /// How many different latents are here.
    var count: Int { entries.count }

    // MARK: - Holding

    /// Keeps a latent, or takes one more hold of the equal one that is here.
    ///
    /// - Parameter cache: the latent.
    /// - Returns: its handle.
    func hold(_ cache: KVCache) -> LatentHandle {
        let digest = cache.contentHash
        entries[digest, default: Entry(cache: cache, holds: 0)].holds += 1
        return LatentHandle(
            digest: digest, modelFingerprint: identity.fingerprint,
            segments: cache.segments.map {
                LatentHandle.Segment(author: $0.author, origin: $0.origin.rawValue, rows: $0.rows.count)
            },
            nextPosition: Int(cache.nextPosition), byteCount: cache.byteCount)
    }

    func retain(_ latent: LatentHandle) -> Bool {
        guard latent.modelFingerprint == identity.fingerprint, entries[latent.digest] != nil else { return false }
        entries[latent.digest]?.holds += 1
        return true
    }

    func release(_ latent: LatentHandle) {
        guard latent.modelFingerprint == identity.fingerprint, let entry = entries[latent.digest] else { return }
        entries[latent.digest] = entry.holds > 1 ? Entry(cache: entry.cache, holds: entry.holds - 1) : nil
    }

    /// The cache that a handle stands for.
    ///
    /// - Throws: `ModelError` where the handle is of another model, or the latent is not here.
    private func cache(of latent: LatentHandle) throws -> KVCache {
        guard latent.modelFingerprint == identity.fingerprint else {
            throw ModelError.foreignLatent(latent, reader: identity.fingerprint)
        }
        guard let entry = entries[latent.digest] else { throw ModelError.unknownLatent(latent, model: identity.name) }
        return entry.cache
    }

    // MARK: - Algebra

    /// Latents in order as one cache, held by nobody; nil for none.
    func joined(_ handles: [LatentHandle]) throws -> KVCache? {
        guard let first = handles.first else { return nil }
        return try handles.dropFirst().reduce(cache(of: first)) { try $0.appending(cache(of: $1)) }
    }

    func append(_ first: LatentHandle, _ second: LatentHandle) throws -> LatentHandle {
        hold(try cache(of: first).appending(cache(of: second)))
    }

    func merge(base: LatentHandle?, branches: [LatentHandle]) async throws -> LatentHandle {
        let branches = try branches.map(cache(of:))
        guard let base else { return hold(try KVCache.merge(base: try await model.makeCache(), branches: branches)) }
        let root = try cache(of: base)
        return hold(try KVCache.merge(base: root, branches: branches.map { try $0.rebased(on: root) }))
    }

    func select(_ latent: LatentHandle, rows: [Int]) throws -> LatentHandle {
        hold(try cache(of: latent).select(rows))
    }

    func bytes(of latent: LatentHandle) throws -> [UInt8] { try cache(of: latent).serialised() }
}

extension KVCache {
    /// This cache with its first rows shared with a base that has the same ones.
    ///
    /// The caches of two runs of one computation are equal but share no memory, and neither do a base and its
    /// continuation once both were stored and came back. What `merge` asks is whether memory is shared; here it is made
    /// to be wherever the content is equal.
    ///
    /// - Parameter base: rows that this cache may begin with.
    /// - Returns: an equal cache; this one where it does not begin with the base.
    /// - Throws: nothing: a cache has its own first rows.
    fileprivate func rebased(on base: KVCache) throws -> KVCache {
        guard fingerprint == base.fingerprint, count >= base.count else { return self }
        var head = try truncated(to: base.count)
        head.setNextPosition(base.nextPosition)
        guard head.contentHash == base.contentHash else { return self }
        var result = base
        result.adopt(
            self, rows: base.count..<count, positions: Array(positions[base.count...]),
            isContinuation: isCausal && base.isCausal)
        result.setNextPosition(nextPosition)
        return result
    }
}
