/// A model whose hidden states and attention caches are open: agents on it exchange latent messages.
///
/// Latents stay inside the model that made them; what leaves it is a handle. A handle is held until it is released as
/// often as it was given out.
public protocol LatentModel: LanguageModel {
    /// Thinks without words: feeds the conversation, then its own hidden states.
    ///
    /// - Parameters:
    ///   - request: the conversation to think about, and the latents before it; sampling and limits do not matter, the
    ///     seed only where feedback is random.
    ///   - thinking: how far, and how.
    ///   - progress: is told of each step; must not wait.
    /// - Returns: the thought, held once.
    /// - Throws: as `complete`.
    func think(
        _ request: ModelRequest, _ thinking: Thinking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply

    /// A latent of another model as one of this model: its latent vectors, mapped to this model's embedding space through
    /// the tokens that both vocabularies share, and read by this model.
    ///
    /// - Parameters:
    ///   - latent: a latent of the other model.
    ///   - source: the other model.
    /// - Returns: the translated latent, held once.
    /// - Throws: a `StoaError` where the two have nothing to map by, or the latent is not there.
    func translate(_ latent: LatentHandle, from source: any LatentModel) async throws -> LatentHandle

    /// Takes a hold of a latent; false where this model does not have it.
    func retain(_ latent: LatentHandle) async -> Bool

    /// Gives up a hold.
    func release(_ latent: LatentHandle) async

    /// One latent behind another, moved to the positions that follow.
    func append(_ first: LatentHandle, _ second: LatentHandle) async throws -> LatentHandle

    /// What several continuations of one latent add to it, behind one another.
    func merge(base: LatentHandle?, branches: [LatentHandle]) async throws -> LatentHandle

    /// Some rows of a latent, moved to contiguous positions.
    func select(_ latent: LatentHandle, rows: [Int]) async throws -> LatentHandle

    /// The latent's bytes: what its digest is of.
    func bytes(of latent: LatentHandle) async throws -> [UInt8]

    /// Brings a latent back, held once.
    func restore(_ bytes: [UInt8]) async throws -> LatentHandle
}

extension LatentModel {
    /// Thinks a number of steps in the usual way.
    ///
    /// - Parameters:
    ///   - request: the conversation to think about, and the latents before it.
    ///   - steps: how many hidden states to feed back.
    ///   - progress: is told of each step; must not wait.
    /// - Returns: the thought, held once.
    /// - Throws: as `complete`.
    public func think(
        _ request: ModelRequest, steps: Int, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply {
        try await think(request, Thinking(steps: steps), progress: progress)
    }
}
