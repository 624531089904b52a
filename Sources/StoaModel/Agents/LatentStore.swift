internal import StoaCore

/// The latents of one model, by content, each for as long as somebody holds it.
///
/// Two latents of equal content are one entry, whoever made them. A hold is taken by making a latent and by `retain`;
/// with the last `release` the entry goes, and with it the memory that no other cache shares.
///
/// Latents that no call is using stay in memory up to a quota; of those beyond it, the ones that were used least recently
/// are written out and come back when they are asked for, bit for bit. Which of them are in memory changes no result.
///
/// Isolation: the model's own lane, because the digest of a long latent takes milliseconds.
actor LatentStore {
    private struct Entry {
        /// Nil while it is written out.
        var cache: KVCache?
        var byteCount: Int
        var states: [[Float]]
        var holds = 0
        /// When it was last used, in uses of the store.
        var lastUse = 0
    }

    private let model: LocalModel
    private let identity: ModelIdentity
    private let quota: Int
    /// Where latents are written out; nil to keep them all in memory.
    nonisolated let spill: LatentSpill?
    private nonisolated let uses = LatentUses()
    private var entries: [SHA256Digest: Entry] = [:]
    private var clock = 0

    /// The lane's thread.
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.unownedExecutor }

    /// Creates an empty store.
    ///
    /// - Parameters:
    ///   - model: whose latents these are.
    ///   - identity: what handles and errors call it.
    ///   - quota: bytes of unused latents that stay in memory.
    ///   - spill: where the others are written; nil to keep them all in memory.
    init(model: LocalModel, identity: ModelIdentity, quota: Int, spill: LatentSpill?) {
        self.model = model
        self.identity = identity
        self.quota = quota
        self.spill = spill
    }

    /// How many different latents are here, how many of them are written out, and the bytes of those in memory, shared or
    /// not.
    var figures: (count: Int, spilled: Int, residentBytes: Int) {
        let resident = entries.values.filter { $0.cache != nil }
        return (entries.count, entries.count - resident.count, resident.reduce(0) { $0 + $1.byteCount })
    }

    // MARK: - Holding

    /// Keeps a latent, or takes one more hold of the equal one that is here.
    ///
    /// - Parameters:
    ///   - cache: the latent.
    ///   - contextRows: how many of its first rows its maker had in mind before it began.
    ///   - states: the hidden states behind the maker's latent rows; an equal latent that is here keeps those it has.
    /// - Returns: its handle.
    func hold(_ cache: KVCache, contextRows: Int = 0, states: [[Float]] = []) -> LatentHandle {
        let digest = cache.contentHash
        var entry = entries[digest] ?? Entry(cache: cache, byteCount: cache.byteCount, states: states)
        entry.holds += 1
        if entry.states.isEmpty { entry.states = states }
        if entry.cache == nil {
            entry.cache = cache
            spill?.remove(digest)
        }
        entries[digest] = entry
        touch(digest)
        keepQuota()
        return LatentHandle(
            digest: digest, modelFingerprint: identity.fingerprint,
            segments: cache.segments.map {
                LatentHandle.Segment(author: $0.author, origin: $0.origin.rawValue, rows: $0.rows.count)
            },
            nextPosition: Int(cache.nextPosition), byteCount: cache.byteCount, contextRows: contextRows)
    }

    func retain(_ latent: LatentHandle) -> Bool {
        guard latent.modelFingerprint == identity.fingerprint, entries[latent.digest] != nil else { return false }
        entries[latent.digest]?.holds += 1
        return true
    }

    func release(_ latent: LatentHandle) {
        guard latent.modelFingerprint == identity.fingerprint, var entry = entries[latent.digest] else { return }
        entry.holds -= 1
        entries[latent.digest] = entry.holds > 0 ? entry : nil
        if entry.holds == 0, entry.cache == nil { spill?.remove(latent.digest) }
    }

    /// The hidden states behind a latent's own latent rows, [rows][width]; empty where they are not known, as after it
    /// came back from bytes.
    ///
    /// - Throws: `ModelError` where the handle is of another model, or the latent is not here.
    func states(of latent: LatentHandle) throws -> [[Float]] { try entry(of: latent).states }

    /// The cache that a handle stands for.
    ///
    /// - Throws: `ModelError` where the handle is of another model, the latent is not here, or what was written out of it
    ///   is damaged.
    private func cache(of latent: LatentHandle) throws -> KVCache {
        let entry = try entry(of: latent)
        touch(latent.digest)
        if let cache = entry.cache { return cache }
        guard let spill else { throw ModelError.unknownLatent(latent, model: identity.name) }
        let bytes = try spill.read(latent.digest)
        let cache = try bring(bytes)
        entries[latent.digest]?.cache = cache
        spill.remove(latent.digest)
        return cache
    }

    /// Reads stored bytes into memory that is made free for them.
    private func bring(_ bytes: [UInt8]) throws -> KVCache {
        // The model's lane is this actor's.
        makeRoom(for: try model.assumeIsolated { bytes.count / (try $0.makeCache().layout.bytesPerRow) })
        return try model.assumeIsolated { try $0.restoreLatent(bytes) }
    }

    private func entry(of latent: LatentHandle) throws -> Entry {
        guard latent.modelFingerprint == identity.fingerprint else {
            throw ModelError.foreignLatent(latent, reader: identity.fingerprint)
        }
        guard let entry = entries[latent.digest] else { throw ModelError.unknownLatent(latent, model: identity.name) }
        return entry
    }

    // MARK: - Memory

    /// Keeps latents in memory for a call.
    ///
    /// - Parameter handles: what the call has in mind.
    /// - Returns: what the call keeps until it ends.
    nonisolated func lease(_ handles: [LatentHandle]) -> LatentLease { LatentLease(handles, in: uses) }

    private func touch(_ digest: SHA256Digest) {
        clock += 1
        entries[digest]?.lastUse = clock
    }

    /// Writes out what is beyond the quota, the least recently used first; what can't be written stays in memory.
    func keepQuota() {
        guard spill != nil else { return }
        var unused = idle()
        var bytes = unused.reduce(0) { $0 + $1.bytes }
        while bytes > quota, let oldest = unused.popLast() {
            if writeOut(oldest.digest) { bytes -= oldest.bytes }
        }
    }

    /// Makes a sequence of so many more rows fit: forgets prefixes, then writes out latents that nobody is using, until it
    /// does or none is left.
    ///
    /// Prefixes go first because the pages of a latent that is written out stay while they are prefixes' too.
    ///
    /// - Parameter rows: rows that are about to be added.
    func makeRoom(for rows: Int) {
        // The model's lane is this actor's.
        guard spill != nil, let layout = model.assumeIsolated({ try? $0.makeCache().layout }) else { return }
        // A page more, because the rows may begin in the middle of one.
        let pages = (rows + KVLayout.pageRows - 1) / KVLayout.pageRows + 1
        var unused = idle()
        let wanted = pages * layout.pageBytes
        while model.assumeIsolated({ $0.freeMemory(atLeast: wanted) }) < wanted, let oldest = unused.popLast() {
            _ = writeOut(oldest.digest)
        }
    }

    /// Latents in memory that no call is using, the least recently used last.
    private func idle() -> [(digest: SHA256Digest, bytes: Int)] {
        entries.filter { $0.value.cache != nil && !uses.contains($0.key) }
            .sorted { $0.value.lastUse > $1.value.lastUse }
            .map { ($0.key, $0.value.byteCount) }
    }

    private func writeOut(_ digest: SHA256Digest) -> Bool {
        guard let spill, let cache = entries[digest]?.cache, spill.write(cache.serialised(), digest: digest) else {
            return false
        }
        entries[digest]?.cache = nil
        return true
    }

    // MARK: - Algebra

    // What is derived from latents tells the rows that were in mind from those that were added, too.

    /// The latents of a request as one cache, held by nobody; nil where there are none.
    ///
    /// - Parameters:
    ///   - handles: the latents, in order.
    ///   - base: what all of them continue; nil where they stand for themselves.
    /// - Returns: their rows, and which of them are whose.
    /// - Throws: `ModelError` where one of them is not here, or does not begin with the base.
    func joined(_ handles: [LatentHandle], on base: LatentHandle?) throws -> JoinedLatents? {
        defer { keepQuota() }
        guard let base else {
            return try handles.reduce(nil as JoinedLatents?) { joined, handle in
                let cache = try cache(of: handle)
                return try joined?.appending(cache, contextRows: handle.contextRows)
                    ?? JoinedLatents(cache, contextRows: handle.contextRows)
            }
        }
        let root = try cache(of: base)
        let branches = try handles.map { handle in
            let cache = try cache(of: handle)
            try root.requireSameModel(cache)
            guard let branch = try cache.rebased(on: root) else {
                throw ModelError.strayLatent(handle, base: base)
            }
            return (cache: branch, contextRows: handle.contextRows)
        }
        return try JoinedLatents(branches, on: root)
    }

    func append(_ first: LatentHandle, _ second: LatentHandle) throws -> LatentHandle {
        defer { keepQuota() }
        return hold(try cache(of: first).appending(cache(of: second)), contextRows: first.contextRows)
    }

    func merge(base: LatentHandle?, branches: [LatentHandle]) throws -> LatentHandle {
        defer { keepQuota() }
        let branches = try branches.map(cache(of:))
        guard let base else {
            // Of the branches' adapter, as they are all.
            let empty = try branches.first?.truncated(to: 0) ?? model.assumeIsolated { try $0.makeCache() }
            return hold(try KVCache.merge(base: empty, branches: branches))
        }
        let root = try cache(of: base)
        return hold(
            try KVCache.merge(base: root, branches: branches.map { try $0.rebased(on: root) ?? $0 }),
            contextRows: root.count)
    }

    func select(_ latent: LatentHandle, rows: [Int]) throws -> LatentHandle {
        defer { keepQuota() }
        return hold(try cache(of: latent).select(rows), contextRows: rows.count { $0 < latent.contextRows })
    }

    /// A latent of what `bytes(of:)` gave.
    ///
    /// - Throws: `ModelError`: damaged bytes, bytes of another model or of an adapter that is not here, or no memory left.
    func restore(_ bytes: [UInt8]) throws -> LatentHandle {
        try model.requireKnownAdapter(of: bytes)
        return hold(try bring(bytes))
    }

    func bytes(of latent: LatentHandle) throws -> [UInt8] {
        defer { keepQuota() }
        return try cache(of: latent).serialised()
    }
}
