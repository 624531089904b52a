/// A model whose hidden states and attention caches are open: agents on it exchange latent messages.
///
/// Latents stay inside the model that made them; what leaves it is a handle. A handle is held until it is released as
/// often as it was given out.
public protocol LatentModel: LanguageModel {
    /// Thinks without words: feeds the conversation, then its own hidden states.
    ///
    /// - Parameters:
    ///   - request: the conversation to think about, and the latents before it; sampling and limits do not matter.
    ///   - steps: how many hidden states to feed back.
    ///   - progress: is told of each step; must not wait.
    /// - Returns: the thought, held once.
    /// - Throws: as `complete`.
    func think(
        _ request: ModelRequest, steps: Int, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply

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

/// What thinking left behind.
public struct LatentReply: Sendable, Hashable {
    /// The thought.
    public var latent: LatentHandle
    /// The tokens of the prompt as the model was given it.
    public var promptTokens: [TokenID]
    /// What it cost.
    public var usage: Usage
    /// How long it took, waiting included.
    public var duration: Duration

    /// Creates a reply.
    public init(latent: LatentHandle, promptTokens: [TokenID] = [], usage: Usage = Usage(), duration: Duration = .zero)
    {
        self.latent = latent
        self.promptTokens = promptTokens
        self.usage = usage
        self.duration = duration
    }
}
