public import StoaCore

// The algebra of latents is that of attention caches; see `KVCache`.
extension EngineModel {
    /// Takes a hold of a latent.
    ///
    /// - Parameter latent: its handle.
    /// - Returns: false where it is of another model or not here any more.
    public func retain(_ latent: LatentHandle) async -> Bool { await latents.retain(latent) }

    /// Gives up a hold; the last one frees the memory.
    ///
    /// Nothing happens for a latent that is not here.
    ///
    /// - Parameter latent: its handle.
    public func release(_ latent: LatentHandle) async { await latents.release(latent) }

    /// One latent behind another, moved to the positions that follow.
    ///
    /// - Parameters:
    ///   - first: the latent that stays where it is.
    ///   - second: the latent that moves.
    /// - Returns: the joined latent, held once.
    /// - Throws: `ModelError` where one of them is not here, or a position would leave its range.
    public func append(_ first: LatentHandle, _ second: LatentHandle) async throws -> LatentHandle {
        try await latents.append(first, second)
    }

    /// What several continuations of one latent add to it, behind one another.
    ///
    /// - Parameters:
    ///   - base: what the branches share; nil for nothing.
    ///   - branches: latents that begin with the base.
    /// - Returns: the merged latent, held once.
    /// - Throws: `ModelError` where one of them is not here, or a branch does not begin with the base.
    public func merge(base: LatentHandle?, branches: [LatentHandle]) async throws -> LatentHandle {
        try await latents.merge(base: base, branches: branches)
    }

    /// Some rows of a latent, moved to contiguous positions.
    ///
    /// - Parameters:
    ///   - latent: its handle.
    ///   - rows: row numbers, strictly ascending.
    /// - Returns: the latent of these rows, held once.
    /// - Throws: `ModelError` where it is not here, or a row is out of range or out of order.
    public func select(_ latent: LatentHandle, rows: [Int]) async throws -> LatentHandle {
        try await latents.select(latent, rows: rows)
    }

    /// The latent's bytes: what its digest is of.
    ///
    /// - Parameter latent: its handle.
    /// - Returns: bytes that `restore` takes, here or in another process.
    /// - Throws: `ModelError` where it is not here.
    public func bytes(of latent: LatentHandle) async throws -> [UInt8] { try await latents.bytes(of: latent) }

    /// Brings a latent back.
    ///
    /// - Parameter bytes: what `bytes(of:)` gave.
    /// - Returns: a handle equal to the one that the bytes are of, but for its context rows, which bytes do not tell; held
    ///   once.
    /// - Throws: `ModelError`: damaged bytes, bytes of another model (both are named), or no memory left.
    public func restore(_ bytes: [UInt8]) async throws -> LatentHandle {
        try await latents.restore(bytes)
    }

    /// Runs a call that has latents in mind, and keeps the quota whatever becomes of it.
    ///
    /// - Parameter call: the call; when it has ended, it uses no latents any more.
    /// - Returns: what it returns.
    /// - Throws: what it throws.
    func keepingQuota<Reply>(_ call: () async throws -> Reply) async throws -> Reply {
        do {
            let reply = try await call()
            await latents.keepQuota()
            return reply
        } catch {
            await latents.keepQuota()
            throw error
        }
    }

    /// How many latents are here, how many of them are written out, and the bytes of those in memory, shared or not.
    package var latentFigures: (count: Int, spilled: Int, residentBytes: Int) {
        get async { await latents.figures }
    }

    /// The folder with latents that were written out; nil before the first one.
    package var spillFolder: String? { latents.spill?.folder }
}
